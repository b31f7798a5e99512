package org.fewstep.model.metrics;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.fewstep.config.Choices;
import org.fewstep.config.UserException;
import org.fewstep.model.metrics.distance.FeatureRows;
import org.fewstep.model.metrics.distance.FrechetExtrapolation;
import org.fewstep.model.metrics.distance.InceptionScore;
import org.fewstep.model.metrics.distance.KernelDistance;
import org.fewstep.model.metrics.distance.Neighbourhoods;
import org.fewstep.model.metrics.distance.PointDiscrepancy;
import org.fewstep.model.metrics.distance.SlicedWasserstein;
import org.fewstep.model.metrics.distance.SupportComparison;
import org.jspecify.annotations.Nullable;

/**
 * Some metrics on one network against one reference: what of samples has to be kept for them, and
 * their values. What depends on the reference alone is computed once. Not safe for use by several
 * threads.
 */
public final class Measurement {
  /**
   * A metric's value.
   *
   * @param metric its name with the network's
   * @param value NaN when a feature was not finite, or there were too few images
   * @param standardError null where none is known
   */
  public record Value(String metric, double value, @Nullable Double standardError) {}

  private final FeatureNetwork network;
  private final Set<Metric> metrics;
  private final RealFeatures real;
  private final long seed;
  private final Map<FeatureOutput, FrechetDistance> distances = new EnumMap<>(FeatureOutput.class);
  private @Nullable Neighbourhoods neighbourhoods;

  /**
   * Metrics against real images.
   *
   * @param seed of the random subsets
   * @throws UserException if the network or the reference lacks what a metric needs
   */
  public Measurement(FeatureNetwork network, Set<Metric> metrics, RealFeatures real, long seed) {
    this.network = network;
    this.metrics = EnumSet.copyOf(metrics);
    this.real = real;
    this.seed = seed;
    checkOutputs(network, metrics);
    for (Metric metric : metrics) {
      check(metric);
    }
  }

  /** The Frechet distance alone. */
  public static Measurement frechet(FeatureNetwork network, Statistics reference) {
    return new Measurement(
        network,
        EnumSet.of(Metric.FRECHET),
        new RealFeatures(Map.of(FeatureOutput.POOLED, reference), null),
        0);
  }

  /** Whose features are compared. */
  public FeatureNetwork network() {
    return network;
  }

  /** Names of the metrics with the network's, in their order. */
  public List<String> metricNames() {
    return metrics.stream().map(metric -> metric.on(network)).toList();
  }

  /** Names of their values: a metric may have two. */
  public List<String> valueNames() {
    return metrics.stream()
        .flatMap(
            metric ->
                switch (metric) {
                  case PRECISION_RECALL, DENSITY_COVERAGE, NEAREST_NEIGHBOURS ->
                      values(metric, null).stream().map(Value::metric);
                  default -> Stream.of(metric.on(network));
                })
        .toList();
  }

  /** Collects of samples what the metrics need. */
  public FeatureCollector begin() {
    EnumSet<FeatureOutput> moments = EnumSet.noneOf(FeatureOutput.class);
    EnumSet<FeatureOutput> rows = EnumSet.noneOf(FeatureOutput.class);
    for (Metric metric : metrics) {
      (metric.needsSampleRows() ? rows : moments).add(metric.output());
    }
    return new FeatureCollector(network, moments, rows);
  }

  /** The values of all metrics, in the metrics' order. */
  public List<Value> values(FeatureCollector samples) {
    List<Value> values = new ArrayList<>();
    SupportComparison support = null;
    for (Metric metric : metrics) {
      switch (metric) {
        case FRECHET, SPATIAL_FRECHET -> {
          Statistics statistics = samples.statistics(metric.output());
          values.add(value(metric, distance(metric.output()).to(statistics), null));
        }
        case FRECHET_INFINITE -> values.add(extrapolation(samples.rows(metric.output())));
        case KID -> {
          KernelDistance.Estimate estimate =
              KernelDistance.estimate(samples.rows(metric.output()), realRows(), seed);
          values.add(value(metric, estimate.value(), estimate.standardError()));
        }
        case INCEPTION_SCORE -> values.add(inceptionScore(samples.rows(metric.output())));
        case MMD ->
            values.add(
                value(
                    metric,
                    PointDiscrepancy.squared(samples.rows(metric.output()), realRows()),
                    null));
        case SLICED_WASSERSTEIN ->
            values.add(
                value(
                    metric,
                    SlicedWasserstein.distance(samples.rows(metric.output()), realRows(), seed),
                    null));
        case PRECISION_RECALL, DENSITY_COVERAGE, NEAREST_NEIGHBOURS -> {
          support = support == null ? support(samples.rows(metric.output())) : support;
          values.addAll(values(metric, support));
        }
      }
    }
    return values;
  }

  /**
   * What to know before scores of so many samples are read, a sentence each; empty if there is
   * nothing.
   */
  public List<String> warnings(int samples) {
    List<String> warnings = new ArrayList<>();
    if (!metrics.contains(Metric.FRECHET)) {
      return warnings;
    }
    int d = network.dimensions();
    Statistics reference = distance(FeatureOutput.POOLED).first();
    if (samples <= d) {
      warnings.add(
          ("%d samples are too few for a covariance of %d features: %s is too large, a perfect"
                  + " generator would score about %.3g")
              .formatted(
                  samples,
                  d,
                  Metric.FRECHET.on(network),
                  FrechetBias.simulated(reference, samples, seed)));
    }
    if (reference.isRankDeficient()) {
      warnings.add(
          ("the reference has %d images, too few for a covariance of %d features: scores are too"
                  + " large and compare with the same reference only")
              .formatted(reference.count(), d));
    }
    return warnings;
  }

  /**
   * Refuses metrics on outputs that a network does not have, before anything is computed.
   *
   * @throws UserException naming the metric
   */
  public static void checkOutputs(FeatureNetwork network, Set<Metric> metrics) {
    for (Metric metric : metrics) {
      if (Metric.OF_POINTS.contains(metric) && !network.givesPoints()) {
        throw new UserException(
            "the metric %s is one of points (--features %s), not of what %s gives"
                .formatted(Choices.nameOf(metric), FeatureNetworks.POINTS, network.name()));
      }
      if (!network.outputs().contains(metric.output())) {
        throw new UserException(
            "the metric %s needs %s, which %s does not give"
                .formatted(
                    Choices.nameOf(metric),
                    metric.output() == FeatureOutput.LOGITS
                        ? "a classifier's logits"
                        : "spatial features",
                    network.name()));
      }
    }
  }

  private void check(Metric metric) {
    String name = Choices.nameOf(metric);
    if (metric.needsRealRows() && real.rows() == null) {
      throw new UserException(
          "the metric %s needs the real images themselves, not only their statistics; name a data"
                  .formatted(name)
              + " set as the reference");
    }
    FeatureRows rows = real.rows();
    if (metric.needsRealRows() && rows != null && rows.count() < SupportComparison.MIN_ROWS) {
      throw new UserException(
          "the metric %s needs at least %d real images, but the reference has %d"
              .formatted(name, SupportComparison.MIN_ROWS, rows.count()));
    }
    if (!metric.needsRealRows()
        && !metric.needsNoReference()
        && !real.statistics().containsKey(metric.output())) {
      throw new UserException(
          "the reference holds no statistics for the metric %s (mu_s and sigma_s, for spatial ones);"
                  .formatted(name)
              + " name a data set as the reference");
    }
  }

  private Value value(Metric metric, double value, @Nullable Double error) {
    return new Value(metric.on(network), value, error);
  }

  private Value part(String name, double value) {
    return new Value(name + Metric.bracket(network), value, null);
  }

  private Value extrapolation(FeatureRows samples) {
    Metric metric = Metric.FRECHET_INFINITE;
    if (samples.count() < FrechetExtrapolation.MIN_SAMPLES) {
      return value(metric, Double.NaN, null);
    }
    FrechetExtrapolation infinite =
        FrechetExtrapolation.of(samples, distance(metric.output()), seed);
    return value(metric, infinite.value(), infinite.standardError());
  }

  private Value inceptionScore(FeatureRows logits) {
    Metric metric = Metric.INCEPTION_SCORE;
    if (logits.count() < InceptionScore.PARTS) {
      return value(metric, Double.NaN, null);
    }
    InceptionScore score = InceptionScore.of(logits);
    return value(
        metric, score.value(), score.standardDeviation() / Math.sqrt(InceptionScore.PARTS - 1.0));
  }

  private @Nullable SupportComparison support(FeatureRows samples) {
    if (samples.count() < SupportComparison.MIN_ROWS) {
      return null;
    }
    if (neighbourhoods == null) {
      neighbourhoods = Neighbourhoods.of(realRows(), SupportComparison.DENSITY_NEIGHBOUR);
    }
    return SupportComparison.of(neighbourhoods, samples);
  }

  private List<Value> values(Metric metric, @Nullable SupportComparison s) {
    double nan = Double.NaN;
    return switch (metric) {
      case PRECISION_RECALL ->
          List.of(
              part("precision", s == null ? nan : s.precision()),
              part("recall", s == null ? nan : s.recall()));
      case DENSITY_COVERAGE ->
          List.of(
              part("density", s == null ? nan : s.density()),
              part("coverage", s == null ? nan : s.coverage()));
      case NEAREST_NEIGHBOURS ->
          List.of(
              part("authenticity", s == null ? nan : s.authenticity()),
              part("nearest_distance", s == null ? nan : s.medianNearestDistance()));
      default -> throw new IllegalArgumentException("no part of a comparison: " + metric);
    };
  }

  private FrechetDistance distance(FeatureOutput output) {
    Statistics statistics = real.statistics().get(output);
    if (statistics == null) {
      throw new IllegalStateException("there are no statistics of " + output);
    }
    return distances.computeIfAbsent(output, o -> new FrechetDistance(statistics));
  }

  private FeatureRows realRows() {
    FeatureRows rows = real.rows();
    if (rows == null) {
      throw new IllegalStateException("there are no features of real images");
    }
    return rows;
  }
}
