package org.fewstep.model.metrics.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SupportComparisonTest {

  @ParameterizedTest
  @CsvSource({"6, 6, 3", "40, 25, 2", "700, 530, 5", "30, 45, 90"})
  void shouldBeItsDefinitionForAnySize(int n, int m, int d) {
    float[] real = Drawn.floats(1, n, d, 0, 1);
    float[] generated = Drawn.floats(2, m, d, 0.2, 0.9);
    SupportComparison comparison =
        SupportComparison.of(
            Neighbourhoods.of(FeatureRows.of(real, d), 5), FeatureRows.of(generated, d));

    double[][] cross = distances(real, n, generated, m, d);
    double[][] ofReal = sortedOthers(real, n, d);
    double[][] ofGenerated = sortedOthers(generated, m, d);
    int precision = 0;
    int balls = 0;
    int authentic = 0;
    for (int j = 0; j < m; j++) {
      boolean inside = false;
      int nearest = 0;
      for (int i = 0; i < n; i++) {
        inside |= cross[i][j] <= ofReal[i][2];
        balls += cross[i][j] < ofReal[i][4] ? 1 : 0;
        nearest = cross[i][j] < cross[nearest][j] ? i : nearest;
      }
      precision += inside ? 1 : 0;
      authentic += cross[nearest][j] >= ofReal[nearest][0] ? 1 : 0;
      assertThat(comparison.nearest()[j]).isEqualTo(nearest);
    }
    int recall = 0;
    int covered = 0;
    for (int i = 0; i < n; i++) {
      boolean inside = false;
      boolean near = false;
      for (int j = 0; j < m; j++) {
        inside |= cross[i][j] <= ofGenerated[j][2];
        near |= cross[i][j] < ofReal[i][4];
      }
      recall += inside ? 1 : 0;
      covered += near ? 1 : 0;
    }
    assertThat(comparison.precision()).isEqualTo(precision / (double) m);
    assertThat(comparison.recall()).isEqualTo(recall / (double) n);
    assertThat(comparison.density()).isEqualTo(balls / (5.0 * m));
    assertThat(comparison.coverage()).isEqualTo(covered / (double) n);
    assertThat(comparison.authenticity()).isEqualTo(authentic / (double) m);
  }

  @Test
  void shouldFindCopiesOfTrainingImages() {
    FeatureRows training = Drawn.rows(1, 600, 20, 5, 1);
    Neighbourhoods real = Neighbourhoods.of(training, 5);
    SupportComparison copies = SupportComparison.of(real, Drawn.rows(1, 600, 20, 5, 1));
    assertThat(copies.authenticity()).isZero();
    assertThat(copies.nearest()).containsExactly(first(600));
    assertThat(copies.medianNearestDistance()).isZero();
    assertThat(copies.coverage()).isOne();
    SupportComparison fresh = SupportComparison.of(real, Drawn.rows(2, 600, 20, 5, 1));
    assertThat(fresh.authenticity()).isGreaterThan(0.6);
    assertThat(fresh.medianNearestDistance()).isGreaterThan(1);
  }

  @Test
  void shouldGiveEqualVectorsDistanceZeroThoughTheyAreLong() {
    FeatureRows rows = FeatureRows.of(Drawn.floats(1, 8, 33, 1e4, 1e-3), 33);
    SupportComparison same = SupportComparison.of(Neighbourhoods.of(rows, 5), rows);
    assertThat(same.nearestDistances()).containsOnly(0);
    assertThat(same.precision()).isOne();
  }

  @Test
  void shouldRefuseTooFewVectorsAndPassOnWhatIsNotFinite() {
    assertThatThrownBy(() -> Neighbourhoods.of(Drawn.rows(1, 5, 2, 0, 1), 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5 vectors");
    FeatureRows rows = Drawn.rows(1, 20, 2, 0, 1);
    Neighbourhoods real = Neighbourhoods.of(rows, 5);
    FeatureRows broken = Drawn.rows(2, 20, 2, 0, 1);
    broken.add(new float[] {Float.POSITIVE_INFINITY, 0}, 1);
    assertThat(SupportComparison.of(real, broken).precision()).isNaN();
    assertThat(SupportComparison.of(real, broken).authenticity()).isNaN();
  }

  private static int[] first(int n) {
    int[] indices = new int[n];
    Arrays.setAll(indices, i -> i);
    return indices;
  }

  private static double[][] sortedOthers(float[] rows, int n, int d) {
    double[][] all = distances(rows, n, rows, n, d);
    double[][] sorted = new double[n][];
    for (int i = 0; i < n; i++) {
      all[i][i] = Double.POSITIVE_INFINITY;
      sorted[i] = all[i].clone();
      Arrays.sort(sorted[i]);
    }
    return sorted;
  }

  private static double[][] distances(float[] a, int n, float[] b, int m, int d) {
    double[][] result = new double[n][m];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < m; j++) {
        for (int k = 0; k < d; k++) {
          result[i][j] += Math.pow((double) a[i * d + k] - b[j * d + k], 2);
        }
      }
    }
    return result;
  }
}
