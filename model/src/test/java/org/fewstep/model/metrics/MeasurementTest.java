package org.fewstep.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.junit.jupiter.api.Test;

class MeasurementTest {
  private static final FeatureNetwork NETWORK =
      FeatureNetworks.open("fashion-cnn", new ImageShape(1, 28, 28));
  private static final EnumSet<Metric> ALL_BUT_INCEPTIONS =
      EnumSet.complementOf(
          EnumSet.of(
              Metric.INCEPTION_SCORE,
              Metric.SPATIAL_FRECHET,
              Metric.MMD,
              Metric.SLICED_WASSERSTEIN));

  @Test
  void shouldGiveEveryMetricANameAndSensibleValues() {
    String real = "builtin:fashion-mnist-test-2k";
    RealFeatures reference = References.open(real, NETWORK, EnumSet.of(FeatureOutput.POOLED), true);
    Measurement measurement = new Measurement(NETWORK, ALL_BUT_INCEPTIONS, reference, 1);
    FeatureCollector samples = measurement.begin();
    ImageDataset training = Datasets.open("builtin:fashion-mnist-train-10k");
    samples.add(training, 0, 300);
    List<Measurement.Value> values = measurement.values(samples);
    assertThat(values)
        .extracting(Measurement.Value::metric)
        .containsExactly(
            "FD[fashion-cnn]",
            "FD_inf[fashion-cnn]",
            "KD[fashion-cnn]",
            "precision[fashion-cnn]",
            "recall[fashion-cnn]",
            "density[fashion-cnn]",
            "coverage[fashion-cnn]",
            "authenticity[fashion-cnn]",
            "nearest_distance[fashion-cnn]");
    assertThat(values).allSatisfy(value -> assertThat(value.value()).isFinite());
    assertThat(values.get(1).value()).isLessThan(values.get(0).value());
    assertThat(values.get(1).standardError()).isPositive();
    assertThat(values.get(2).standardError()).isPositive();
    assertThat(values.get(3).value()).isBetween(0.6, 1.0);
    // Moments kept beside the rows are those of the Frechet distance alone.
    Measurement frechet =
        Measurement.frechet(NETWORK, reference.statistics().get(FeatureOutput.POOLED));
    FeatureCollector moments = frechet.begin();
    moments.add(training, 0, 300);
    assertThat(frechet.values(moments).get(0)).isEqualTo(values.get(0));
  }

  @Test
  void shouldBeNotANumberWhereThereAreTooFewSamples() {
    RealFeatures reference =
        References.open(
            "builtin:fashion-mnist-test-2k", NETWORK, EnumSet.of(FeatureOutput.POOLED), true);
    Measurement measurement =
        new Measurement(
            NETWORK, EnumSet.of(Metric.PRECISION_RECALL, Metric.FRECHET_INFINITE), reference, 1);
    FeatureCollector samples = measurement.begin();
    samples.add(new double[5 * 784], 5);
    assertThat(measurement.values(samples)).hasSize(3).allMatch(v -> Double.isNaN(v.value()));
  }

  @Test
  void shouldRefuseMetricsThatLackSomething() {
    Statistics statistics = References.open(References.FASHION_MNIST_TRAIN, NETWORK);
    RealFeatures onlyStatistics = new RealFeatures(Map.of(FeatureOutput.POOLED, statistics), null);
    refuses(Metric.KID, onlyStatistics, "the metric kid needs the real images themselves");
    refuses(Metric.INCEPTION_SCORE, onlyStatistics, "inception-score needs a classifier's logits");
    refuses(Metric.SPATIAL_FRECHET, onlyStatistics, "spatial-frechet needs spatial features");
    refuses(Metric.FRECHET, RealFeatures.NONE, "holds no statistics for the metric frechet");
  }

  @Test
  void shouldWarnOfTooFewImages() {
    Statistics statistics = References.open(References.FASHION_MNIST_TRAIN, NETWORK);
    Measurement frechet = Measurement.frechet(NETWORK, statistics);
    assertThat(frechet.warnings(129)).isEmpty();
    assertThat(frechet.warnings(100))
        .singleElement()
        .asString()
        .contains("100 samples", "128 features", "FD[fashion-cnn]", "perfect generator");
    Statistics few = new Statistics(90, statistics.mean(), statistics.covariance());
    assertThat(Measurement.frechet(NETWORK, few).warnings(200))
        .singleElement()
        .asString()
        .contains("the reference has 90 images");
  }

  private static void refuses(Metric metric, RealFeatures real, String reason) {
    assertThatThrownBy(() -> new Measurement(NETWORK, EnumSet.of(metric), real, 1))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(reason);
  }
}
