package org.fewstep.model.metrics.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;

class PointMetricsTest {
  @Test
  void shouldGiveTheDiscrepancyOfItsDefinition() {
    FeatureRows a = FeatureRows.of(new float[] {0, 0, 0.1f, 0}, 2);
    FeatureRows b = FeatureRows.of(new float[] {0, 0.2f, 0, 0}, 2);

    // Squared distances: 0.01 within a, 0.04 within b; 0.04, 0, 0.05 and 0.01 across.
    double expected = k(0.01) + k(0.04) - 2 * (k(0.04) + k(0) + k(0.05) + k(0.01)) / 4;
    assertThat(PointDiscrepancy.squared(a, b)).isCloseTo(expected, within(1e-6));
  }

  @Test
  void shouldTellEqualFromShiftedDistributions() {
    FeatureRows a = gaussians(500, 0, 1);
    FeatureRows equal = gaussians(400, 0, 2);
    FeatureRows shifted = gaussians(400, 0.3, 3);

    assertThat(PointDiscrepancy.squared(a, equal)).isCloseTo(0, within(0.003));
    assertThat(PointDiscrepancy.squared(a, shifted)).isGreaterThan(0.03);
    assertThat(SlicedWasserstein.distance(a, equal, 1)).isLessThan(0.05);
    // Over directions, a shift by d along one of two axes has the mean square d^2 / 2.
    assertThat(SlicedWasserstein.distance(a, shifted, 1))
        .isCloseTo(0.3 / Math.sqrt(2), within(0.04));
  }

  @Test
  void shouldBeExactForPointsOnALineOfDifferentNumbers() {
    FeatureRows one = FeatureRows.of(new float[] {0}, 1);
    FeatureRows three = FeatureRows.of(new float[] {1, 2, 2}, 1);

    assertThat(SlicedWasserstein.distance(one, three, 1)).isCloseTo(Math.sqrt(3), within(1e-9));
    assertThat(SlicedWasserstein.distance(three, three, 1)).isZero();
  }

  @Test
  void shouldBeNotANumberWhereAPointIsNone() {
    FeatureRows broken = FeatureRows.of(new float[] {0, 0, Float.NaN, 0}, 2);

    assertThat(PointDiscrepancy.squared(broken, gaussians(3, 0, 1))).isNaN();
    assertThat(SlicedWasserstein.distance(broken, gaussians(3, 0, 1), 1)).isNaN();
  }

  private static double k(double q) {
    return (Math.exp(-q / 0.005) + Math.exp(-q / 0.045) + Math.exp(-q / 0.405)) / 3;
  }

  private static FeatureRows gaussians(int count, double shift, int seed) {
    double[] values = new double[2 * count];
    CounterRandom.of(seed, Purpose.NOISE, 0).fillGaussian(values, 0, values.length, 0.2);
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) (values[i] + (i % 2 == 0 ? shift : 0));
    }
    return FeatureRows.of(floats, 2);
  }
}
