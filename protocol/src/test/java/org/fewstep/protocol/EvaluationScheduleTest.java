package org.fewstep.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationScheduleTest {

  @Test
  void shouldFallDueOnceWhenAPointIsReachedOrPassed() {
    EvaluationSchedule schedule = schedule(List.of(100L), 0);

    assertThat(schedule.dueBetween(64, 99)).isFalse();
    assertThat(schedule.dueBetween(64, 100)).isTrue();
    assertThat(schedule.dueBetween(64, 128)).isTrue();
    assertThat(schedule.dueBetween(100, 128)).isFalse();
  }

  @Test
  void shouldFallDueAgainAndAgainWhenItHasACadence() {
    EvaluationSchedule schedule = schedule(List.of(), 100);

    assertThat(schedule.dueBetween(0, 99)).isFalse();
    assertThat(schedule.dueBetween(99, 100)).isTrue();
    assertThat(schedule.dueBetween(100, 199)).isFalse();
    assertThat(schedule.dueBetween(190, 210)).isTrue();
  }

  private static EvaluationSchedule schedule(List<Long> atImages, long everyImages) {
    return new EvaluationSchedule(1, atImages, everyImages, List.of(1), 8, 8, List.of("a"), 0);
  }
}
