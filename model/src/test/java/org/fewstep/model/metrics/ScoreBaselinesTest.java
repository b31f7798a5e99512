package org.fewstep.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.junit.jupiter.api.Test;

class ScoreBaselinesTest {
  private static final ImageShape SHAPE = new ImageShape(1, 2, 3);
  private static final String METRIC = Metric.FRECHET.on(new PixelFeatures(SHAPE));

  @Test
  void shouldMeasureAsManyHeldOutImagesAsAskedOrAsThereAre() {
    PixelFeatures network = new PixelFeatures(SHAPE);
    ScoreBaselines baselines = baselines(network, 250);
    assertThat(baselines.images(40)).isEqualTo(40);
    assertThat(baselines.images(1000)).isEqualTo(250);
    assertThat(baselines.floor(METRIC, 40)).isEqualTo(distanceOfFirst(40));
    assertThat(baselines.floor(METRIC, 1000)).isEqualTo(distanceOfFirst(250));
    assertThat(baselines.floor(METRIC, 40)).isNotEqualTo(baselines.floor(METRIC, 250));
  }

  @Test
  void shouldMeasureTheBlurredImages() {
    ScoreBaselines baselines = baselines(new PixelFeatures(SHAPE), 250);
    // Every pixel takes the mean of its image, so that of six directions of variance one is left.
    assertThat(baselines.blurred(METRIC, 250)).isGreaterThan(10 * baselines.floor(METRIC, 250));
  }

  @Test
  void shouldComputeEachBaselineOncePerNumber() {
    PixelFeatures network = new PixelFeatures(SHAPE);
    ScoreBaselines baselines = baselines(network, 250);
    double floor = baselines.floor(METRIC, 250);
    double blurred = baselines.blurred(METRIC, 250);
    int images = network.shown;
    assertThat(images).isEqualTo(500);
    assertThat(baselines.floor(METRIC, 300)).isEqualTo(floor);
    assertThat(baselines.blurred(METRIC, 250)).isEqualTo(blurred);
    assertThat(network.shown).isEqualTo(images);
  }

  @Test
  void shouldScoreImagesAsAnEightBitFileWouldHoldThem() {
    PixelFeatures network = new PixelFeatures(SHAPE);
    double[] pixels = {-1.7, -1, 0.0011, 127.4 / 127.5, 1, 5, -0.999, 0, 0.5, -0.5, 0.25, 1.001};
    double[] given = pixels.clone();
    FeatureCollector moments = new FeatureCollector(network);
    moments.add(pixels, 2);
    assertThat(pixels).isEqualTo(given);
    assertThat(moments.count()).isEqualTo(2);
    int[] levels = {0, 0, 128, 255, 255, 255, 0, 128, 191, 64, 159, 255};
    double[] mean = new double[6];
    for (int i = 0; i < 12; i++) {
      mean[i % 6] += (float) (levels[i] / 127.5 - 1) / 2;
    }
    assertThat(moments.statistics().mean()).containsExactly(mean, within(1e-12));
  }

  @Test
  void shouldScoreNotANumberWhenAPixelIsNotFinite() {
    double[] pixels = new double[60];
    pixels[31] = Double.NaN;
    FeatureCollector moments = new FeatureCollector(new PixelFeatures(SHAPE));
    moments.add(pixels, 10);
    assertThat(FrechetDistance.between(moments.statistics(), reference())).isNaN();
  }

  @Test
  void shouldRefuseImagesOfAnotherShape() {
    ImageDataset other = new Ramp(5, new ImageShape(1, 3, 2));
    FeatureCollector moments = new FeatureCollector(new PixelFeatures(SHAPE));
    assertThatThrownBy(() -> moments.add(other, 0, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1x3x2");
    assertThatThrownBy(() -> moments.add(new double[7], 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ScoreBaselines baselines(FeatureNetwork network, int heldOut) {
    return new ScoreBaselines(
        Measurement.frechet(network, reference()),
        new Ramp(heldOut, SHAPE),
        image -> {
          Arrays.fill(image, Arrays.stream(image).average().orElseThrow());
          return image;
        });
  }

  private static double distanceOfFirst(int count) {
    return FrechetDistance.between(reference(), ofFirst(count));
  }

  private static Statistics reference() {
    return ofFirst(400);
  }

  private static Statistics ofFirst(int count) {
    FeatureCollector moments = new FeatureCollector(new PixelFeatures(SHAPE));
    moments.add(new Ramp(count, SHAPE), 0, count);
    return moments.statistics();
  }

  /** Images whose pixels run through the 256 levels at different speeds. */
  private record Ramp(int count, ImageShape shape) implements ImageDataset {
    @Override
    public int classes() {
      return 0;
    }

    @Override
    public int label(int index) {
      return -1;
    }

    @Override
    public void read(int index, double[] target, int offset) {
      for (int i = 0; i < shape.size(); i++) {
        target[offset + i] = (index * (2 * i + 7) % 256) / 127.5 - 1;
      }
    }

    @Override
    public String fingerprint() {
      return "ramp";
    }
  }
}
