package org.fewstep.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {

  @Test
  void shouldRiseStayAndFall() {
    LearningRate rate = new LearningRate(2e-4, 100, 400, 1000);
    assertThat(rate.at(0)).isZero();
    assertThat(rate.at(25)).isCloseTo(0.5e-4, within(1e-18));
    assertThat(rate.at(100)).isEqualTo(2e-4);
    assertThat(rate.at(600)).isEqualTo(2e-4);
    assertThat(rate.at(800)).isCloseTo(1e-4, within(1e-18));
    assertThat(rate.at(1000)).isZero();
    assertThat(rate.at(5000)).isZero();
  }

  @Test
  void shouldStayAtItsPeakWithoutWarmupAndDecay() {
    assertThat(LearningRate.constant(0.1).at(0)).isEqualTo(0.1);
    assertThat(LearningRate.constant(0.1).at(Long.MAX_VALUE)).isEqualTo(0.1);
  }

  @Test
  void shouldTakeTheLowerOneWhereBothOverlap() {
    LearningRate rate = new LearningRate(1, 100, 100, 100);
    assertThat(rate.at(30)).isCloseTo(0.3, within(1e-12));
    assertThat(rate.at(70)).isCloseTo(0.3, within(1e-12));
  }

  @Test
  void shouldRefuseImpossibleSchedules() {
    assertThatThrownBy(() -> new LearningRate(-1, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LearningRate(1, 0, 11, 10))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LearningRate(1, -1, 0, 10))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
