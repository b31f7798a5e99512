package org.fewstep.model.metrics;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Scores that can be asked for. On the standard Inception network they bear the field's names, on
 * any other network names that cannot be mistaken for those.
 */
public enum Metric {
  /** {@link FrechetDistance}. */
  FRECHET(Basis.MOMENTS, FeatureOutput.POOLED, "FID", "FD"),
  /** {@link org.fewstep.model.metrics.distance.FrechetExtrapolation}. */
  FRECHET_INFINITE(Basis.SAMPLE_ROWS, FeatureOutput.POOLED, "FID_inf", "FD_inf"),
  /** {@link FrechetDistance} on spatial features (Nash et al. 2021, arXiv 2103.03841). */
  SPATIAL_FRECHET(Basis.MOMENTS, FeatureOutput.SPATIAL, "sFID", "sFD"),
  /** {@link org.fewstep.model.metrics.distance.KernelDistance}. */
  KID(Basis.ROWS, FeatureOutput.POOLED, "KID", "KD"),
  /** {@link org.fewstep.model.metrics.distance.InceptionScore}. */
  INCEPTION_SCORE(Basis.SAMPLE_ROWS, FeatureOutput.LOGITS, "IS", "classifier_score"),
  /** Precision and recall of {@link org.fewstep.model.metrics.distance.SupportComparison}. */
  PRECISION_RECALL(Basis.ROWS, FeatureOutput.POOLED, "precision_recall", "precision_recall"),
  /** Density and coverage of {@link org.fewstep.model.metrics.distance.SupportComparison}. */
  DENSITY_COVERAGE(Basis.ROWS, FeatureOutput.POOLED, "density_coverage", "density_coverage"),
  /** How near samples come to training images, from the same comparison. */
  NEAREST_NEIGHBOURS(Basis.ROWS, FeatureOutput.POOLED, "nearest_neighbours", "nearest_neighbours"),
  /** {@link org.fewstep.model.metrics.distance.PointDiscrepancy}, of points. */
  MMD(Basis.ROWS, FeatureOutput.POOLED, "MMD2", "MMD2"),
  /** {@link org.fewstep.model.metrics.distance.SlicedWasserstein}, of points. */
  SLICED_WASSERSTEIN(Basis.ROWS, FeatureOutput.POOLED, "sliced_W2", "sliced_W2");

  /** What points are scored by, the first one first. */
  public static final Set<Metric> OF_POINTS =
      Collections.unmodifiableSet(EnumSet.of(MMD, SLICED_WASSERSTEIN));

  /** What it needs. */
  private enum Basis {
    /** Mean and covariance of both sides. */
    MOMENTS,
    /** Each sample's features. */
    SAMPLE_ROWS,
    /** Each sample's and each real image's features. */
    ROWS
  }

  private final Basis basis;
  private final FeatureOutput output;
  private final String onInception;
  private final String elsewhere;

  Metric(Basis basis, FeatureOutput output, String onInception, String elsewhere) {
    this.basis = basis;
    this.output = output;
    this.onInception = onInception;
    this.elsewhere = elsewhere;
  }

  /** The name of the score on a network. */
  public String on(FeatureNetwork network) {
    return (network.isStandardInception() ? onInception : elsewhere) + bracket(network);
  }

  /** What follows the name of a part of a metric, such as precision. */
  public static String bracket(FeatureNetwork network) {
    return "[" + network.label() + "]";
  }

  /** Whether a score of that name is better the higher it is; distances are better low. */
  public static boolean higherIsBetter(String score) {
    return score.matches(
        "(IS|classifier_score|precision|recall|density|coverage|authenticity)\\[.*");
  }

  /** What of the network it is taken on. */
  public FeatureOutput output() {
    return output;
  }

  /** Whether the features of samples must be kept one by one. */
  public boolean needsSampleRows() {
    return basis != Basis.MOMENTS;
  }

  /** Whether the real images themselves are needed, not only moments of their features. */
  public boolean needsRealRows() {
    return basis == Basis.ROWS;
  }

  /** Whether it has nothing to do with real images. */
  public boolean needsNoReference() {
    return this == INCEPTION_SCORE;
  }
}
