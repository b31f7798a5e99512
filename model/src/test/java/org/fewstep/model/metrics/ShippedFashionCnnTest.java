package org.fewstep.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.GaussianBlur;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShippedFashionCnnTest {
  private static final int IMAGES = 500;
  private static final ImageShape SHAPE = new ImageShape(1, 28, 28);
  private static final String TEST_2K = "builtin:fashion-mnist-test-2k";

  @Test
  void shouldClassifyTheShippedTestImages() {
    double accuracy = FeatureNetworks.shippedFashionCnn().accuracy(Datasets.open(TEST_2K));
    assertThat(accuracy).isGreaterThanOrEqualTo(0.9);
  }

  @Test
  void shouldOrderRealBlurredAndNoisyImages() {
    FeatureNetwork network = FeatureNetworks.open("fashion-cnn", SHAPE);
    Statistics reference = References.open("builtin:fashion-mnist-train-60k", network);
    assertThat(reference.count()).isEqualTo(60_000);
    ImageDataset heldOut = Datasets.open(TEST_2K);
    GaussianBlur blur = new GaussianBlur(ScoreBaselines.BLUR_SIGMA_PIXELS);
    ScoreBaselines baselines =
        new ScoreBaselines(
            Measurement.frechet(network, reference),
            heldOut,
            image -> blur.apply(image, heldOut.shape()));
    double floor = baselines.floor("FD[fashion-cnn]", IMAGES);
    double blurred = baselines.blurred("FD[fashion-cnn]", IMAGES);
    FeatureCollector noise = new FeatureCollector(network);
    noise.add(noise(IMAGES), IMAGES);
    assertThat(floor).isPositive();
    assertThat(blurred).isGreaterThan(3 * floor);
    assertThat(FrechetDistance.between(noise.statistics(), reference)).isGreaterThan(blurred);
  }

  @Test
  void shouldGiveAnImageTheSameFeaturesHoweverManyComeWithIt() {
    FeatureNetwork network = FeatureNetworks.open("fashion-cnn", SHAPE);
    int size = network.input().size();
    double[] images = noise(103);
    float[] all = network.features(images, 103);
    assertThat(all).hasSize(103 * 128);
    assertThat(network.features(images, 3)).isEqualTo(Arrays.copyOf(all, 3 * 128));
    assertThat(network.features(Arrays.copyOfRange(images, 100 * size, 103 * size), 3))
        .isEqualTo(Arrays.copyOfRange(all, 100 * 128, 103 * 128));
    assertThat(network.features(images, 0)).isEmpty();
  }

  @Test
  void shouldNameOtherWeightsByTheirChecksum(@TempDir Path folder) {
    Path file = folder.resolve("mine.safetensors");
    FeatureNetworks.shippedFashionCnn().write(file);
    FeatureNetwork mine = FeatureNetworks.open(file.toString(), SHAPE);
    assertThat(mine.name()).isEqualTo("fashion-cnn@" + Sha256.ofFile(file).substring(0, 8));
    assertThat(mine.frechetMetric()).isEqualTo("FD[" + mine.name() + "]");
    double[] images = noise(2);
    assertThat(mine.features(images, 2))
        .isEqualTo(FeatureNetworks.open("fashion-cnn", SHAPE).features(images, 2));
    assertThatThrownBy(() -> References.open(References.FASHION_MNIST_TRAIN, mine))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("builtin:fashion-mnist-train-60k")
        .hasMessageContaining("features of fashion-cnn, not of " + mine.name());
  }

  @Test
  void shouldReadAReferenceFromAFile(@TempDir Path folder) {
    FeatureNetwork network = FeatureNetworks.open("fashion-cnn", SHAPE);
    Statistics computed = References.open(TEST_2K, network);
    Path file = folder.resolve("reference.npz");
    StatisticsFile.write(file, computed, network);
    assertThat(computed.count()).isEqualTo(2000);
    assertThat(References.open(file.toString(), network)).isEqualTo(computed);
  }

  @Test
  void shouldSayWhatExistsWhenSomethingDoesNot(@TempDir Path folder) throws Exception {
    FeatureNetwork network = FeatureNetworks.open("fashion-cnn", SHAPE);
    assertThatThrownBy(() -> FeatureNetworks.open("fashion-cmm", SHAPE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("'fashion-cmm'")
        .hasMessageContaining("fashion-cnn");
    assertThatThrownBy(() -> References.open("builtin:cifar10", network))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("builtin:fashion-mnist-train-60k")
        .hasMessageContaining(TEST_2K);
    assertThatThrownBy(() -> References.open(folder.resolve("no.npz").toString(), network))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no.npz");

    byte[] idx = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40};
    Path small = Files.write(folder.resolve("small-images-idx3-ubyte"), idx);
    assertThatThrownBy(() -> References.open(small.toString(), network))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("1x1x2")
        .hasMessageContaining("fashion-cnn takes 1x28x28");
  }

  private static double[] noise(int images) {
    CounterRandom random = CounterRandom.of(1, Purpose.FEATURES, 0);
    double[] values = new double[images * 28 * 28];
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * random.nextDouble() - 1;
    }
    return values;
  }
}
