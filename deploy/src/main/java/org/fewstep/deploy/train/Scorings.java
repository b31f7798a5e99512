package org.fewstep.deploy.train;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.fewstep.config.BestScore;
import org.fewstep.config.Choices;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.ScoreMetric;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.GaussianBlur;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.FeatureNetworks;
import org.fewstep.model.metrics.FeatureOutput;
import org.fewstep.model.metrics.Measurement;
import org.fewstep.model.metrics.Metric;
import org.fewstep.model.metrics.PartialEvaluation;
import org.fewstep.model.metrics.RealFeatures;
import org.fewstep.model.metrics.References;
import org.fewstep.model.metrics.ScoreBaselines;
import org.fewstep.model.run.Evaluation;
import org.jspecify.annotations.Nullable;

/** Opens what samples are compared with. */
public final class Scorings {
  private static final int MIN_HELD_OUT = 2;

  /** Random subsets are part of a metric, not of a run's randomness. */
  private static final long SUBSET_SEED = 2020;

  private Scorings() {}

  /** The metrics that a run's settings name. */
  static Set<Metric> metrics(List<ScoreMetric> named) {
    EnumSet<Metric> metrics = EnumSet.noneOf(Metric.class);
    named.forEach(metric -> metrics.add(Metric.valueOf(metric.name())));
    return metrics;
  }

  /** The name of a score on a network. */
  static String nameOf(BestScore score, FeatureNetwork network) {
    return switch (score) {
      case PRECISION, RECALL, DENSITY, COVERAGE -> Choices.nameOf(score) + Metric.bracket(network);
      default -> Metric.valueOf(score.metric().name()).on(network);
    };
  }

  /**
   * Feature network, metrics, reference and held-out images by the names that a user gives them.
   * Closing the network is up to the caller.
   *
   * @param reference data set or statistics, or {@link EvaluationConfig#NONE} where no metric needs
   *     one
   * @param heldOut data set, or {@link EvaluationConfig#NONE}
   * @param shape of the samples
   * @throws UserException if there is no such thing, or they do not fit together
   */
  public static Evaluation.Scoring open(
      String features, Set<Metric> metrics, String reference, String heldOut, ImageShape shape) {
    return open(features, metrics, reference, heldOut, shape, PartialEvaluation.none());
  }

  /** As above, where what is collected of images is kept and gone on from. */
  public static Evaluation.Scoring open(
      String features,
      Set<Metric> metrics,
      String reference,
      String heldOut,
      ImageShape shape,
      PartialEvaluation partial) {
    FeatureNetwork network = FeatureNetworks.open(features, shape);
    if (!network.input().equals(shape)) {
      throw new UserException(
          "the feature network %s takes images of %s, but the model draws %s"
              .formatted(features, network.input(), shape));
    }
    Measurement.checkOutputs(network, metrics);
    ImageDataset real = heldOut(heldOut, shape);
    String checksum = FeatureNetworks.checksum(features);
    String checksumHeldOut = real == null ? heldOut : real.fingerprint();
    partial.dependsOn(
        () ->
            String.join(
                "\n", network.name(), checksum, metrics.toString(), reference, checksumHeldOut));
    RealFeatures compared = real(reference, network, metrics, partial);
    Measurement measurement = new Measurement(network, metrics, compared, SUBSET_SEED);
    Evaluation.Checksums checksums =
        new Evaluation.Checksums(checksum, compared.checksum(), checksumHeldOut);
    if (real == null) {
      return new Evaluation.Scoring(measurement, reference, null, checksums);
    }
    GaussianBlur blur = new GaussianBlur(ScoreBaselines.BLUR_SIGMA_PIXELS);
    return new Evaluation.Scoring(
        measurement,
        reference,
        new ScoreBaselines(measurement, real, image -> blur.apply(image, shape), partial),
        checksums);
  }

  private static @Nullable ImageDataset heldOut(String heldOut, ImageShape shape) {
    if (heldOut.equals(EvaluationConfig.NONE)) {
      return null;
    }
    ImageDataset real = Datasets.open(heldOut);
    if (!real.shape().equals(shape) || real.count() < MIN_HELD_OUT) {
      throw new UserException(
          "the held-out images must be at least %d of %s, but %s has %d of %s"
              .formatted(MIN_HELD_OUT, shape, heldOut, real.count(), real.shape()));
    }
    return real;
  }

  private static RealFeatures real(
      String reference, FeatureNetwork network, Set<Metric> metrics, PartialEvaluation partial) {
    if (reference.equals(EvaluationConfig.NONE)) {
      return RealFeatures.NONE;
    }
    EnumSet<FeatureOutput> statisticsOf = EnumSet.noneOf(FeatureOutput.class);
    boolean rows = false;
    for (Metric metric : metrics) {
      rows |= metric.needsRealRows();
      if (!metric.needsRealRows() && !metric.needsNoReference()) {
        statisticsOf.add(metric.output());
      }
    }
    return References.open(reference, network, statisticsOf, rows, partial);
  }
}
