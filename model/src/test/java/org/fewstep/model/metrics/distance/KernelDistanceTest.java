package org.fewstep.model.metrics.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelDistanceTest {

  @ParameterizedTest
  @CsvSource({"2, 1", "7, 3", "31, 64", "130, 5"})
  void shouldBeItsDefinitionForAnySize(int rows, int d) {
    float[] a = Drawn.floats(1, rows, d, 0, 1);
    float[] b = Drawn.floats(2, rows, d, 0.3, 1.2);
    double expected = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < rows; j++) {
        if (i != j) {
          expected += (kernel(a, i, a, j, d) + kernel(b, i, b, j, d)) / (rows * (rows - 1.0));
        }
        expected -= 2 * kernel(a, i, b, j, d) / ((double) rows * rows);
      }
    }
    double value = KernelDistance.estimate(FeatureRows.of(a, d), FeatureRows.of(b, d), 0).value();
    assertThat(value).isCloseTo(expected, within(1e-11 * (1 + Math.abs(expected))));
  }

  @Test
  void shouldBeUnbiasedAndSayHowSureItIs() {
    // E k(x,y) of standard normals: E(u+1)^3 = 1 + 3 E u^2 with u = x.y/d, E u^2 = 1/d. With the
    // mean m in every feature of y, E k(x,y) stays, E k(y,y') has E u = m^2, so the distance grows.
    int d = 16;
    FeatureRows a = Drawn.rows(1, 4000, d, 0, 1);
    FeatureRows same = Drawn.rows(2, 3000, d, 0, 1);
    KernelDistance.Estimate none = KernelDistance.estimate(a, same, 50, 200, 7);
    assertThat(Math.abs(none.value())).isLessThan(4 * none.standardError());
    assertThat(none.standardError()).isLessThan(0.01);
    KernelDistance.Estimate shifted =
        KernelDistance.estimate(a, Drawn.rows(3, 3000, d, 0.5, 1), 50, 200, 7);
    assertThat(shifted.value()).isGreaterThan(20 * shifted.standardError());
  }

  @Test
  void shouldDependOnTheSeedAloneBesideTheFeatures() {
    FeatureRows a = Drawn.rows(1, 300, 8, 0, 1);
    FeatureRows b = Drawn.rows(2, 200, 8, 0, 1);
    var first = KernelDistance.estimate(a, b, 10, 50, 1);
    assertThat(KernelDistance.estimate(a, b, 10, 50, 1)).isEqualTo(first);
    assertThat(KernelDistance.estimate(a, b, 10, 50, 2).value()).isNotEqualTo(first.value());
  }

  @Test
  void shouldRefuseASingleVectorAndPassOnWhatIsNotFinite() {
    FeatureRows one = Drawn.rows(1, 1, 4, 0, 1);
    FeatureRows many = Drawn.rows(2, 9, 4, 0, 1);
    assertThatThrownBy(() -> KernelDistance.estimate(one, many, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 and 9");
    assertThatThrownBy(() -> KernelDistance.estimate(Drawn.rows(1, 9, 3, 0, 1), many, 0))
        .isInstanceOf(IllegalArgumentException.class);
    many.add(new float[] {1, Float.NaN, 1, 1}, 1);
    assertThat(KernelDistance.estimate(many, many, 0).value()).isNaN();
  }

  private static double kernel(float[] a, int i, float[] b, int j, int d) {
    double product = 0;
    for (int k = 0; k < d; k++) {
      product += (double) a[i * d + k] * b[j * d + k];
    }
    return Math.pow(product / d + 1, 3);
  }
}
