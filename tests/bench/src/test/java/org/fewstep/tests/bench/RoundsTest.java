package org.fewstep.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RoundsTest {
  @Test
  void shouldCompareMediansAndPairsWhenOneRoundWasDisturbed() {
    Rounds rounds =
        new Rounds(new double[] {10, 90, 12, 11, 12}, new double[] {20, 60, 20, 20, 10});

    assertThat(rounds.oursMillis()).isEqualTo(12);
    assertThat(rounds.theirMillis()).isEqualTo(20);
    assertThat(rounds.ratio()).isEqualTo(0.6);
    // Pairs: 0.5, 1.5, 0.6, 0.55, 1.2.
    assertThat(rounds.pairRatio()).isEqualTo(0.6);
    assertThat(rounds.spread()).isCloseTo((1.2 - 0.55) / 0.6, within(1e-12));
  }

  @Test
  void shouldInterpolateWhenAQuantileLiesBetweenValues() {
    double[] values = {4, 1, 3, 2};

    assertThat(Rounds.quantile(values, 0.5)).isEqualTo(2.5);
    assertThat(Rounds.quantile(values, 0)).isEqualTo(1);
    assertThat(Rounds.quantile(values, 1)).isEqualTo(4);
    assertThat(values).containsExactly(4, 1, 3, 2);
  }

  @Test
  void shouldRefuseRoundsThatAreNoPairs() {
    assertThatThrownBy(() -> new Rounds(new double[2], new double[1]))
        .hasMessageContaining("2 and 1");
    assertThatThrownBy(() -> new Rounds(new double[0], new double[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldTellTheShareOfSgemmAndWhetherBothAgree() {
    Rounds step = new Rounds(new double[] {200}, new double[] {100});
    // A step of 3 * 10 GFLOP in 0.2 s is 150 GFLOP/s.
    assertThat(result(step, 1e-5, 1e-5).shareOfSgemm()).isCloseTo(0.75, within(1e-12));

    assertThat(result(step, 1e-5, 1e-5).agrees()).isTrue();
    assertThat(result(step, 2e-4, 1e-5).agrees()).isFalse();
    assertThat(result(step, 1e-5, 2e-4).agrees()).isFalse();
    assertThat(result(step, Double.NaN, 1e-5).agrees()).isFalse();
  }

  @Test
  void shouldRepeatShortWorkWithinARound() {
    assertThat(Meeting.timesPerRound(1000)).isEqualTo(1);
    assertThat(Meeting.timesPerRound(100)).isEqualTo(3);
    assertThat(Meeting.timesPerRound(0.5)).isEqualTo(500);
  }

  private static StepResult result(Rounds step, double outputError, double gradientError) {
    return new StepResult(1, 16, 1, step, step, 10e9, 200e9, outputError, gradientError, 100, 100);
  }
}
