package org.fewstep.model.metrics.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.fewstep.model.metrics.FrechetBias;
import org.fewstep.model.metrics.FrechetDistance;
import org.fewstep.model.metrics.Moments;
import org.fewstep.model.metrics.Statistics;
import org.junit.jupiter.api.Test;

class FrechetExtrapolationTest {
  private static final int D = 30;

  @Test
  void shouldDrawTheLineThatPointsLieOn() {
    FrechetExtrapolation fit =
        FrechetExtrapolation.fit(
            new double[] {0.1, 0.05, 0.02, 0.01}, new double[] {3.2, 2.6, 2.24, 2.12});
    assertThat(fit.value()).isCloseTo(2, within(1e-12));
    assertThat(fit.standardError()).isLessThan(1e-12);
    // Least squares of (1,1), (2,3), (3,2): y = 1 + x/2, residuals -1/2, 1, -1/2, so the
    // intercept's error is the root of (3/2) (1/3 + 4/2).
    FrechetExtrapolation noisy =
        FrechetExtrapolation.fit(new double[] {1, 2, 3}, new double[] {1, 3, 2});
    assertThat(noisy.value()).isCloseTo(1, within(1e-12));
    assertThat(noisy.standardError()).isCloseTo(Math.sqrt(3.5), within(1e-12));
  }

  @Test
  void shouldRemoveMostOfTheExcessOfFewSamples() {
    // The truth is the distance of N(0, 1) to N(0.3, 1) in 30 dimensions.
    double truth = D * 0.09;
    FrechetDistance reference = new FrechetDistance(gaussian());
    FeatureRows samples = Drawn.rows(4, 2000, D, 0.3, 1);
    double plain = reference.to(moments(samples));
    FrechetExtrapolation infinite = FrechetExtrapolation.of(samples, reference, 3);
    assertThat(plain - truth).isGreaterThan(0.1);
    assertThat(Math.abs(infinite.value() - truth)).isLessThan(0.5 * (plain - truth));
    assertThat(FrechetExtrapolation.of(samples, reference, 3)).isEqualTo(infinite);
  }

  @Test
  void shouldRefuseVeryFewSamples() {
    FrechetDistance reference = new FrechetDistance(gaussian());
    assertThatThrownBy(() -> FrechetExtrapolation.of(Drawn.rows(1, 99, D, 0, 1), reference, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("99");
  }

  @Test
  void shouldForeseeWhatFewSamplesOfThePerfectGeneratorScore() {
    Statistics truth = gaussian();
    FrechetDistance reference = new FrechetDistance(truth);
    for (int n : new int[] {5, 20, 30}) {
      double mean = 0;
      for (int draw = 0; draw < 20; draw++) {
        mean += reference.to(moments(Drawn.rows(100 + draw, n, D, 0, 1))) / 20;
      }
      assertThat(FrechetBias.simulated(truth, n, 1)).isCloseTo(mean, within(0.25 * mean));
    }
  }

  private static Statistics gaussian() {
    double[] covariance = new double[D * D];
    for (int i = 0; i < D; i++) {
      covariance[i * D + i] = 1;
    }
    return new Statistics(1_000_000, new double[D], covariance);
  }

  private static Statistics moments(FeatureRows rows) {
    Moments moments = new Moments(D);
    double[] vector = new double[D];
    for (int i = 0; i < rows.count(); i++) {
      rows.copy(i, vector, 0);
      moments.add(vector, 1);
    }
    return moments.statistics();
  }
}
