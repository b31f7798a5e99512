package org.fewstep.model.interpolant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PosteriorTest {
  private static final double[] TIMES = {0, 1e-3, 0.1, 0.3, 0.5, 0.77, 0.95, 0.999, 1};

  /**
   * x_s made of x_t = alpha_t x + sigma_t eps has alpha_s x and the variance sigma_s^2 for each x,
   * so the marginals follow whatever the data are.
   */
  @ParameterizedTest
  @EnumSource(Schedule.class)
  void shouldTakeTheMarginalOfOneTimeToThatOfAnother(Schedule schedule) {
    for (double t : TIMES) {
      for (double s : TIMES) {
        if (s < t && schedule.alpha(s) > 0) {
          Posterior step = Posterior.of(schedule, s, t);
          double sigmaT = schedule.sigma(t);
          double sigmaS = schedule.sigma(s);

          assertThat(step.ofState() * schedule.alpha(t) + step.ofData())
              .as("signal from %s to %s", t, s)
              .isCloseTo(schedule.alpha(s), within(1e-12));
          assertThat(step.ofState() * step.ofState() * sigmaT * sigmaT + step.variance())
              .as("noise from %s to %s", t, s)
              .isCloseTo(sigmaS * sigmaS, within(1e-12));
          assertThat(step.variance()).isBetween(0.0, Math.min(sigmaS * sigmaS, 1));
          Posterior bare = Posterior.deterministic(schedule, s, t);
          assertThat(bare.ofState() * schedule.alpha(t) + bare.ofData())
              .isCloseTo(schedule.alpha(s), within(1e-12));
          assertThat(bare.ofState() * sigmaT).isCloseTo(sigmaS, within(1e-12));
        }
      }
    }
  }

  /** The first form of the paper: precisions add up. */
  @ParameterizedTest
  @EnumSource(names = {"FLOW", "COSINE"})
  void shouldBeTheProductOfPriorAndLikelihood(Schedule schedule) {
    double s = 0.35;
    double t = 0.6;
    double a = schedule.alpha(t) / schedule.alpha(s);
    double ofS = schedule.sigma(s) * schedule.sigma(s);
    double between = schedule.sigma(t) * schedule.sigma(t) - a * a * ofS;
    double variance = 1 / (1 / ofS + a * a / between);
    Posterior step = Posterior.of(schedule, s, t);

    assertThat(step.variance()).isCloseTo(variance, within(1e-12));
    assertThat(step.ofState()).isCloseTo(variance * a / between, within(1e-12));
    assertThat(step.ofData()).isCloseTo(variance * schedule.alpha(s) / ofS, within(1e-12));
    assertThat(step.forwardVariance()).isCloseTo(between, within(1e-12));
  }
}
