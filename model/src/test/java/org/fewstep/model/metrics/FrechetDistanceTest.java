package org.fewstep.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACK_ROW_MAJOR;

import java.io.IOException;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class FrechetDistanceTest {
  private static final int D = 24;

  @Test
  void shouldGiveTheDistanceOfThePublicTools() throws IOException {
    MetricsGolden golden = MetricsGolden.load();
    double expected = golden.doubles("frechet")[0];
    Statistics a = new Statistics(400, golden.doubles("mu_a"), golden.doubles("sigma_a"));
    Statistics b = new Statistics(300, golden.doubles("mu_b"), golden.doubles("sigma_b"));
    assertThat(FrechetDistance.between(a, b)).isCloseTo(expected, within(1e-10 * expected));

    double fromFeatures =
        FrechetDistance.between(
            floats(golden.floats("features_a")), floats(golden.floats("features_b")));
    assertThat(fromFeatures).isCloseTo(expected, within(1e-10 * expected));
  }

  @Test
  void shouldBeZeroWhenBothSetsAreTheSame() {
    Statistics full = statistics(rows(1, 200), 200);
    assertThat(FrechetDistance.between(full, full)).isLessThan(1e-12 * trace(full));
    Statistics flat = statistics(rows(1, 10), 10);
    assertThat(FrechetDistance.between(flat, flat)).isLessThan(1e-6 * trace(flat));
  }

  @Test
  void shouldBeSymmetric() {
    Statistics a = statistics(rows(1, 200), 200);
    Statistics b = statistics(mixed(rows(2, 150), 150), 150);
    double there = FrechetDistance.between(a, b);
    assertThat(there).isGreaterThan(1);
    assertThat(FrechetDistance.between(b, a)).isCloseTo(there, within(1e-11 * there));
  }

  @Test
  void shouldHaveTheClosedFormOfGaussiansWithoutCorrelations() {
    double[] mean1 = {1, -2, 0.5};
    double[] mean2 = {0, 1, 0.5};
    double[] variances1 = {4, 0.25, 9};
    double[] variances2 = {1, 0, 2};
    double expected = 0;
    for (int i = 0; i < 3; i++) {
      expected += Math.pow(mean1[i] - mean2[i], 2);
      expected += Math.pow(Math.sqrt(variances1[i]) - Math.sqrt(variances2[i]), 2);
    }
    double distance =
        FrechetDistance.between(
            new Statistics(10, mean1, diagonal(variances1)),
            new Statistics(10, mean2, diagonal(variances2)));
    assertThat(distance).isCloseTo(expected, within(1e-13));
  }

  @Test
  void shouldNotChangeWhenBothSetsAreShiftedAndRotated() {
    double[] a = rows(1, 200);
    double[] b = mixed(rows(2, 150), 150);
    double before = FrechetDistance.between(statistics(a, 200), statistics(b, 150));
    double after =
        FrechetDistance.between(
            statistics(shiftedAndReflected(a, 200), 200),
            statistics(shiftedAndReflected(b, 150), 150));
    assertThat(after).isCloseTo(before, within(1e-10 * before));
  }

  @Test
  void shouldGrowByTheSquaredShiftWhenOneSetIsMoved() {
    double[] moved = rows(1, 200);
    for (int i = 0; i < moved.length; i += D) {
      moved[i] += 3;
    }
    double distance =
        FrechetDistance.between(statistics(rows(1, 200), 200), statistics(moved, 200));
    assertThat(distance).isCloseTo(9, within(1e-11));
  }

  /** The trace of the root of S1 S2 is the nuclear norm of A B^T, A and B the centred rows. */
  @Test
  void shouldAgreeWithTheNuclearNormWhenThereAreFewerRowsThanDimensions() {
    int n = 12;
    int m = 17;
    double[] a = rows(1, n);
    double[] b = mixed(rows(2, m), m);
    Statistics statisticsA = statistics(a, n);
    Statistics statisticsB = statistics(b, m);
    double[] cross = new double[n * m];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < m; j++) {
        for (int k = 0; k < D; k++) {
          cross[i * m + j] +=
              (a[i * D + k] - statisticsA.mean()[k])
                  * (b[j * D + k] - statisticsB.mean()[k])
                  / Math.sqrt((n - 1.0) * (m - 1.0));
        }
      }
    }
    double[] singular = new double[n];
    int info =
        LAPACKE_dgesdd(
            LAPACK_ROW_MAJOR,
            (byte) 'N',
            n,
            m,
            cross,
            m,
            singular,
            new double[1],
            n,
            new double[1],
            m);
    assertThat(info).isZero();
    double expected = trace(statisticsA) + trace(statisticsB);
    for (int i = 0; i < D; i++) {
      expected += Math.pow(statisticsA.mean()[i] - statisticsB.mean()[i], 2);
    }
    for (double value : singular) {
      expected -= 2 * value;
    }
    assertThat(FrechetDistance.between(statisticsA, statisticsB))
        .isCloseTo(expected, within(1e-8 * expected));
  }

  @Test
  void shouldBeNotANumberWhenFeaturesAreNotFinite() {
    double[] broken = rows(1, 50);
    broken[77] = Double.NaN;
    assertThat(FrechetDistance.between(statistics(broken, 50), statistics(rows(2, 50), 50)))
        .isNaN();
    broken[77] = Double.POSITIVE_INFINITY;
    assertThat(FrechetDistance.between(statistics(rows(2, 50), 50), statistics(broken, 50)))
        .isNaN();
  }

  @Test
  void shouldRefuseFeaturesOfDifferentLengths() {
    Statistics other = new Statistics(2, new double[2], new double[4]);
    assertThatThrownBy(() -> FrechetDistance.between(statistics(rows(1, 50), 50), other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("24")
        .hasMessageContaining("2 dimensions");
  }

  @Test
  void shouldGiveTheSameBitsWithNd4jAtWork() {
    Statistics a = statistics(rows(1, 200), 200);
    Statistics b = statistics(mixed(rows(2, 150), 150), 150);
    double before = FrechetDistance.between(a, b);
    var ones = Nd4j.ones(DataType.DOUBLE, 64, 64);
    assertThat(ones.mmul(ones).getDouble(5, 5)).isEqualTo(64);
    assertThat(FrechetDistance.between(a, b)).isEqualTo(before);
  }

  private static Statistics statistics(double[] rows, int count) {
    Moments moments = new Moments(D);
    moments.add(rows, count);
    return moments.statistics();
  }

  private static Statistics floats(float[] features) {
    Moments moments = new Moments(48);
    moments.add(features, features.length / 48);
    return moments.statistics();
  }

  private static double[] rows(long seed, int count) {
    double[] values = new double[count * D];
    CounterRandom.of(seed, Purpose.NOISE, 0).fillGaussian(values, 0, values.length, 1.0);
    return values;
  }

  /** Gives each vector a mean, and correlations between its features. */
  private static double[] mixed(double[] rows, int count) {
    double[] result = new double[rows.length];
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < D; i++) {
        int next = (i + 1) % D;
        result[row * D + i] =
            0.3 * i + rows[row * D + i] * (1 + 0.1 * i) - 0.7 * rows[row * D + next];
      }
    }
    return result;
  }

  /** A Householder reflection, which has all features in every feature, and a shift. */
  private static double[] shiftedAndReflected(double[] rows, int count) {
    double[] result = new double[rows.length];
    for (int row = 0; row < count; row++) {
      double projection = 0;
      for (int i = 0; i < D; i++) {
        projection += rows[row * D + i] / D;
      }
      for (int i = 0; i < D; i++) {
        result[row * D + i] = rows[row * D + i] - 2 * projection + i - 5;
      }
    }
    return result;
  }

  private static double[] diagonal(double... values) {
    double[] matrix = new double[values.length * values.length];
    for (int i = 0; i < values.length; i++) {
      matrix[i * values.length + i] = values[i];
    }
    return matrix;
  }

  private static double trace(Statistics statistics) {
    double trace = 0;
    for (int i = 0; i < statistics.dimensions(); i++) {
      trace += statistics.covariance()[i * statistics.dimensions() + i];
    }
    return trace;
  }
}
