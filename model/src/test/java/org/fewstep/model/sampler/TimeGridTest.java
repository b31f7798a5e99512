package org.fewstep.model.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.fewstep.model.interpolant.Schedule;
import org.junit.jupiter.api.Test;

class TimeGridTest {
  @Test
  void shouldStepEvenlyInTime() {
    assertThat(TimeGrid.UNIFORM.times(Schedule.FLOW, 0, 0.994, 8))
        .containsExactly(
            new double[] {.994, .86975, .7455, .62125, .497, .37275, .2485, .12425, 0},
            within(1e-12));
  }

  @Test
  void shouldStepEvenlyInTheSeventhRootOfNoise() {
    assertThat(TimeGrid.EDM.times(Schedule.FLOW, 0, 0.994, 4))
        .containsExactly(new double[] {.994, .956736, .564132, .01001, 0}, within(5e-6));
  }

  @Test
  void shouldTakeGivenNoiseLevels() {
    TimeGrid grid = new TimeGrid.Explicit(List.of(1.4));
    assertThat(grid.times(Schedule.FLOW, 0.006, 0.994, 2))
        .containsExactly(new double[] {.994, .583333, .006}, within(1e-6));
    assertThatThrownBy(() -> grid.times(Schedule.FLOW, 0.006, 0.994, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
