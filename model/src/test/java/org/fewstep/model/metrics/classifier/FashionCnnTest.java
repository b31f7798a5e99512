package org.fewstep.model.metrics.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class FashionCnnTest {
  private static final int N = 2;
  private static final int[] LABELS = {7, 4};
  private static final double SMOOTHING = 0.1;
  private static final double STEP = 1e-6;
  private static final DropoutKey DROPOUT = new DropoutKey(5, 0);

  /** Along one random direction per tensor, which every element takes part in. */
  @Test
  void shouldHaveTheGradientOfFiniteDifferences() {
    FashionCnn network = FashionCnn.create(DataType.DOUBLE, 0.3);
    network.load(network.parameters().initialise(1));
    float[] images = noise();
    double[] gradient = network.backward(loss(network, images).gradient()).dup().data().asDouble();
    INDArray parameters = network.graph().parameters();
    double[] start = parameters.dup().data().asDouble();
    CounterRandom random = CounterRandom.of(2, Purpose.FEATURES, 0);
    for (ParameterTable.Entry entry : network.parameters().entries()) {
      double[] direction = new double[start.length];
      double slope = 0;
      double norm = 0;
      for (int i = (int) entry.offset(); i < entry.offset() + entry.length(); i++) {
        direction[i] = random.nextGaussian() / Math.sqrt(entry.length());
        slope += direction[i] * gradient[i];
        norm += gradient[i] * gradient[i];
      }
      double above = lossAt(network, images, start, direction, STEP);
      double below = lossAt(network, images, start, direction, -STEP);
      assertThat(norm).as(entry.name()).isPositive();
      assertThat(slope)
          .as(entry.name())
          .isCloseTo((above - below) / (2 * STEP), within(1e-4 * Math.sqrt(norm / entry.length())));
    }
  }

  @Test
  void shouldGiveTheLogitsOfItsOwnFeatures() {
    FashionCnn network = FashionCnn.create(DataType.DOUBLE, 0.3);
    float[] flat = network.parameters().initialise(1);
    network.load(flat);
    float[] images = noise();
    float[] features = network.features(images, N);
    double[] logits = network.logits(images, N, null);
    long weight = network.parameters().entry("logits.weight").offset();
    assertThat(features).hasSize(N * FashionCnn.FEATURES);
    for (int n = 0; n < N; n++) {
      for (int k = 0; k < FashionCnn.CLASSES; k++) {
        double sum = 0;
        for (int i = 0; i < FashionCnn.FEATURES; i++) {
          sum +=
              flat[(int) weight + k * FashionCnn.FEATURES + i]
                  * (double) features[n * FashionCnn.FEATURES + i];
        }
        assertThat(logits[n * FashionCnn.CLASSES + k]).isCloseTo(sum, within(1e-5));
      }
    }
  }

  @Test
  void shouldDropFeaturesOnlyWhenAsked() {
    FashionCnn network = FashionCnn.create(DataType.FLOAT, 0.5);
    network.load(network.parameters().initialise(1));
    float[] images = noise();
    double[] whole = network.logits(images, N, null);
    assertThat(network.logits(images, N, null)).isEqualTo(whole);
    assertThat(network.logits(images, N, DROPOUT)).isNotEqualTo(whole);
  }

  private static double lossAt(
      FashionCnn network, float[] images, double[] start, double[] direction, double step) {
    double[] moved = new double[start.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = start[i] + step * direction[i];
    }
    network.graph().parameters().assign(Nd4j.createFromArray(moved).reshape(1, moved.length));
    return loss(network, images).loss();
  }

  private static SoftmaxCrossEntropy loss(FashionCnn network, float[] images) {
    return SoftmaxCrossEntropy.of(network.logits(images, N, DROPOUT), LABELS, SMOOTHING);
  }

  private static float[] noise() {
    CounterRandom random = CounterRandom.of(3, Purpose.FEATURES, 0);
    float[] images = new float[N * FashionCnn.INPUT.size()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) (2 * random.nextDouble() - 1);
    }
    return images;
  }
}
