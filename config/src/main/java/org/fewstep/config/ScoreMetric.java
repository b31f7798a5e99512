package org.fewstep.config;

/** What can be measured of samples; docs/scores.md tells of each. */
public enum ScoreMetric {
  FRECHET,
  FRECHET_INFINITE,
  SPATIAL_FRECHET,
  KID,
  INCEPTION_SCORE,
  PRECISION_RECALL,
  DENSITY_COVERAGE,
  NEAREST_NEIGHBOURS,
  MMD,
  SLICED_WASSERSTEIN
}
