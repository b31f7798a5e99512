package org.fewstep.model.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.EdmDenoiser;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.fewstep.model.sampler.HeunSampler.Churn;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * With a network that returns zero, D(x; sigma) = c_skip x is the exact denoiser of Gaussian data,
 * whose ODE leads from x to x sigmaData / sqrt(sigma^2 + sigmaData^2).
 */
class HeunSamplerTest {
  private static final double SIGMA_DATA = 0.5;
  private static final ImageShape SHAPE = new ImageShape(4, 16, 16);
  private static final HeunSampler.Request NO_NOISE =
      new HeunSampler.Request(
          null,
          null,
          step -> {
            throw new AssertionError("noise was drawn without churn");
          });

  @Test
  void shouldFollowTheOdeWithAnErrorOfSecondOrder() {
    double[] noise = gaussian(0);
    double exact = 80 * SIGMA_DATA / Math.hypot(80, SIGMA_DATA);
    try (EdmDenoiser denoiser = gaussianDenoiser()) {
      double coarse = largestError(denoiser, noise, exact, 20);
      double fine = largestError(denoiser, noise, exact, 40);
      assertThat(coarse).isLessThan(0.1);
      assertThat(coarse / fine).isBetween(3.0, 7.0);
    }
  }

  @Test
  void shouldKeepTheDistributionWithChurn() {
    HeunSampler sampler = new HeunSampler(0.002, 80, 7, new Churn(10, 0.05, 50, 1));
    int[] drawn = new int[1];
    HeunSampler.Request request =
        new HeunSampler.Request(
            null,
            null,
            step -> {
              drawn[0]++;
              return gaussian(1 + step);
            });
    try (EdmDenoiser denoiser = gaussianDenoiser()) {
      double[] images = sampler.sample(denoiser, gaussian(0), 40, request);

      double variance = Arrays.stream(images).map(v -> v * v).average().orElseThrow();
      assertThat(Math.sqrt(variance)).isCloseTo(SIGMA_DATA, within(0.04));
      assertThat(drawn[0])
          .isEqualTo(
              (int) Arrays.stream(sampler.sigmas(40)).filter(s -> s >= 0.05 && s <= 50).count());
    }
  }

  @Test
  void shouldFallFromTheLargestToTheSmallestNoiseAndToZero() {
    double[] sigmas = HeunSampler.DETERMINISTIC.sigmas(18);

    assertThat(sigmas).hasSize(19);
    assertThat(sigmas[0]).isCloseTo(80, within(1e-9));
    assertThat(sigmas[17]).isCloseTo(0.002, within(1e-9));
    assertThat(sigmas[18]).isZero();
    assertThat(HeunSampler.networkEvaluations(18)).isEqualTo(35);
  }

  private static double largestError(
      EdmDenoiser denoiser, double[] noise, double exact, int steps) {
    double[] images = HeunSampler.DETERMINISTIC.sample(denoiser, noise, steps, NO_NOISE);
    double largest = 0;
    for (int i = 0; i < noise.length; i++) {
      largest = Math.max(largest, Math.abs(images[i] - exact * noise[i]));
    }
    return largest;
  }

  private static EdmDenoiser gaussianDenoiser() {
    UNetSpec spec = new UNetSpec(SHAPE, 4, List.of(1), 1, 1, 1, List.of(), 0, 0, 0, false);
    Network network = spec.create(DataType.FLOAT, Kernels.fastest(DataType.FLOAT));
    ParameterTable table = network.parameters();
    float[] flat = table.initialise(1);
    for (String last : List.of("dec.16x16_aux_conv.weight", "dec.16x16_aux_conv.bias")) {
      ParameterTable.Entry entry = table.entry(last);
      int from = Math.toIntExact(entry.offset());
      Arrays.fill(flat, from, from + entry.length(), 0);
    }
    network.load(flat);
    return new EdmDenoiser(network, SIGMA_DATA);
  }

  private static double[] gaussian(long index) {
    double[] values = new double[SHAPE.size()];
    CounterRandom.of(3, Purpose.NOISE, index).fillGaussian(values, 0, values.length, 1);
    return values;
  }
}
