package org.fewstep.config;

/** A score by which one checkpoint can be better than another. */
public enum BestScore {
  FRECHET(ScoreMetric.FRECHET),
  FRECHET_INFINITE(ScoreMetric.FRECHET_INFINITE),
  SPATIAL_FRECHET(ScoreMetric.SPATIAL_FRECHET),
  KID(ScoreMetric.KID),
  INCEPTION_SCORE(ScoreMetric.INCEPTION_SCORE),
  PRECISION(ScoreMetric.PRECISION_RECALL),
  RECALL(ScoreMetric.PRECISION_RECALL),
  DENSITY(ScoreMetric.DENSITY_COVERAGE),
  COVERAGE(ScoreMetric.DENSITY_COVERAGE),
  MMD(ScoreMetric.MMD),
  SLICED_WASSERSTEIN(ScoreMetric.SLICED_WASSERSTEIN);

  private final ScoreMetric metric;

  BestScore(ScoreMetric metric) {
    this.metric = metric;
  }

  /** The metric that gives it. */
  public ScoreMetric metric() {
    return metric;
  }
}
