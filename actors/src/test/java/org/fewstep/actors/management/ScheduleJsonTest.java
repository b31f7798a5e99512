package org.fewstep.actors.management;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.fewstep.actors.Schedules;
import org.fewstep.config.SamplerKind;
import org.fewstep.protocol.EvaluationSchedule;
import org.junit.jupiter.api.Test;

class ScheduleJsonTest {

  @Test
  void shouldReadBackWhatItWrote() {
    EvaluationSchedule schedule =
        Schedules.of(
                Schedules.entry("each", List.of(7L, 9L), 100, List.of(1, 2), "ema", "live"),
                Schedules.everyMinutes("minutes", 2.5),
                Schedules.onDemand("now", List.of(SamplerKind.values()), List.of(8), "live"))
            .withVersion(5)
            .withPaused(true);

    assertThat(ScheduleJson.parse(ScheduleJson.toLine(schedule), "itself")).isEqualTo(schedule);
  }

  @Test
  void shouldWriteEveryKeyInOrder() {
    assertThat(
            ScheduleJson.toLine(
                Schedules.of(Schedules.entry("each", List.of(7L), 100, List.of(1), "ema"))))
        .isEqualTo(
            "{\"version\":1,\"paused\":false,\"entries\":[{\"name\":\"each\",\"every_images\":100,"
                + "\"every_minutes\":0.0,\"at_images\":[7],\"at_end\":true,"
                + "\"samplers\":[\"pushforward\"],\"steps\":[1],\"tracks\":[\"ema\"],\"samples\":8,"
                + "\"grid_images\":8,\"metrics\":[\"grid\"],\"guidance\":1.0,\"seed\":0}]}");
  }
}
