package org.fewstep.model.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.unet.UNet;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class UNetTest {
  private static final UNetSpec SMALL =
      new UNetSpec(
          new ImageShape(3, 12, 12), 12, List.of(1, 2), 4, 1, 2, List.of(6), 0.3, 0, 0, true);

  /** 56,062,595 parameters: the CIFAR-10 network of the IMM paper with its augmentation labels. */
  @Test
  void shouldHaveTheOfficialNumberOfParameters() {
    UNetSpec cifar10 =
        new UNetSpec(
            new ImageShape(3, 32, 32),
            128,
            List.of(2, 2, 2),
            4,
            1,
            4,
            List.of(16),
            0.2,
            0,
            9,
            true);
    ParameterTable table = UNet.create(cifar10).parameters();
    assertThat(table.length()).isEqualTo(56_062_595);
    assertThat(table.entry("dec.32x32_block4.conv0.weight").shape())
        .containsExactly(256, 384, 3, 3);
  }

  @Test
  void shouldGiveTheSameWithFusedAndComposedKernels() {
    float[] flat = parameters();
    try (UNet fused = UNet.create(SMALL, DataType.FLOAT, Kernels.FUSED);
        UNet composed = UNet.create(SMALL, DataType.FLOAT, Kernels.ND4J)) {
      fused.load(flat);
      composed.load(flat);
      NetworkInput input = input(5);
      double[] y = fused.forward(input, new DropoutKey(1, 2));
      assertThat(y).containsExactly(composed.forward(input, new DropoutKey(1, 2)), within(1e-4));
      float[] gradientFused = new float[flat.length];
      float[] gradientComposed = new float[flat.length];
      fused.backward(y, gradientFused);
      composed.backward(y, gradientComposed);
      double largest = 0;
      for (float g : gradientComposed) {
        largest = Math.max(largest, Math.abs(g));
      }
      for (int i = 0; i < flat.length; i++) {
        assertThat((double) gradientFused[i])
            .isCloseTo(gradientComposed[i], within(1e-4 * largest));
      }
    }
  }

  @Test
  void shouldShareDropoutMasksBetweenCallsWithOneKey() {
    try (UNet network = UNet.create(SMALL)) {
      network.load(parameters());
      NetworkInput input = input(4);
      double[] first = network.forward(input, new DropoutKey(1, 7));
      assertThat(network.forward(input, new DropoutKey(1, 7))).isEqualTo(first);
      assertThat(network.forward(input, new DropoutKey(1, 8))).isNotEqualTo(first);
      assertThat(network.forward(input, null)).isNotEqualTo(first);
    }
  }

  @Test
  void shouldNotDependOnOtherImagesOfTheBatch() {
    try (UNet network = UNet.create(SMALL)) {
      network.load(parameters());
      double[] five = network.forward(input(5), null);
      double[] three = network.forward(input(3), null);
      for (int i = 0; i < three.length; i++) {
        assertThat(three[i]).isCloseTo(five[i], within(1e-4));
      }
    }
  }

  @Test
  void shouldInitialiseByNameAndSeedAlone() {
    ParameterTable table = UNet.create(SMALL).parameters();
    assertThat(table.initialise(4)).isEqualTo(table.initialise(4));
    assertThat(table.initialise(4)).isNotEqualTo(table.initialise(5));
  }

  /** Official initialisation with the layers that start near zero woken up. */
  private static float[] parameters() {
    ParameterTable table = UNet.create(SMALL).parameters();
    float[] flat = table.initialise(4);
    CounterRandom random = CounterRandom.of(4, Purpose.NOISE, 0);
    for (int i = 0; i < flat.length; i++) {
      flat[i] += (float) (0.05 * random.nextGaussian());
    }
    return flat;
  }

  private static NetworkInput input(int count) {
    double[] state = new double[count * SMALL.shape().size()];
    CounterRandom.of(9, Purpose.NOISE, 0).fillGaussian(state, 0, state.length, 1);
    double[] time = new double[count];
    double[] second = new double[count];
    for (int i = 0; i < count; i++) {
      time[i] = 900 - 100 * i;
      second[i] = 10 * i;
    }
    return new NetworkInput(count, state, time, second, null, null);
  }
}
