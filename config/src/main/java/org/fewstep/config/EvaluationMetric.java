package org.fewstep.config;

/** What an evaluation makes of the images it draws. */
public enum EvaluationMetric {
  /** A picture of the first ones. */
  GRID,
  /**
   * The Frechet distance of their features from those of real images; of points, the metrics of
   * points.
   */
  FRECHET
}
