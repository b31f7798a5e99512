package org.fewstep.actors.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.fewstep.actors.Schedules;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.SamplerKind;
import org.fewstep.protocol.EvaluationSchedule;
import org.junit.jupiter.api.Test;

class EvaluationPlannerTest {
  private static final long MINUTE = 60_000;

  @Test
  void shouldFallDueOnceWhenAPointIsReachedOrPassed() {
    EvaluationPlanner planner = planner(Schedules.entry("at", List.of(100L), 0, List.of(1), "a"));

    assertThat(due(planner, 64, 99)).isEmpty();
    assertThat(due(planner, 64, 100)).containsExactly("at");
    assertThat(due(planner, 64, 128)).containsExactly("at");
    assertThat(due(planner, 100, 128)).isEmpty();
  }

  @Test
  void shouldFallDueAgainAndAgainWhenItHasACadence() {
    EvaluationPlanner planner = planner(Schedules.entry("each", List.of(), 100, List.of(1), "a"));

    assertThat(due(planner, 0, 99)).isEmpty();
    assertThat(due(planner, 99, 100)).containsExactly("each");
    assertThat(due(planner, 100, 199)).isEmpty();
    assertThat(due(planner, 190, 210)).containsExactly("each");
    assertThat(names(planner.due(190, 195, true))).containsExactly("each");
  }

  @Test
  void shouldFallDueOncePerPeriodWhenItCountsMinutes() {
    EvaluationPlanner planner = planner(Schedules.everyMinutes("ten", 10));
    planner.clock(5 * MINUTE);
    List<Integer> dueAt = new ArrayList<>();

    for (int minute = 6; minute <= 60; minute += 3) {
      planner.clock(minute * MINUTE);
      if (!planner.take(minute, minute + 1, false).entries().isEmpty()) {
        dueAt.add(minute);
      }
    }

    assertThat(dueAt).containsExactly(15, 27, 36, 45, 57);
  }

  @Test
  void shouldFallDueOnceWhenSeveralPeriodsHavePassed() {
    EvaluationPlanner planner = planner(Schedules.everyMinutes("ten", 10));
    planner.clock(0);
    planner.clock(35 * MINUTE);

    assertThat(names(planner.take(0, 1, false))).containsExactly("ten");
    assertThat(names(planner.take(1, 2, false))).isEmpty();
    planner.clock(40 * MINUTE);
    assertThat(names(planner.take(2, 3, false))).containsExactly("ten");
  }

  @Test
  void shouldCountMinutesOnWhenAReplacementKeepsThem() {
    EvaluationPlanner planner =
        planner(Schedules.everyMinutes("ten", 10), Schedules.everyMinutes("four", 4));
    planner.clock(0);
    planner.clock(8 * MINUTE);

    planner.replace(
        Schedules.of(Schedules.everyMinutes("ten", 10), Schedules.everyMinutes("four", 5)));
    planner.clock(10 * MINUTE);

    assertThat(names(planner.take(0, 1, false))).containsExactly("ten");
    planner.clock(13 * MINUTE);
    assertThat(names(planner.take(1, 2, false))).containsExactly("four");
  }

  @Test
  void shouldPassOverWhatFallsDueWhenItIsPaused() {
    EvaluationPlanner planner =
        planner(
            Schedules.entry("each", List.of(), 10, List.of(1), "a"),
            Schedules.everyMinutes("ten", 10));
    planner.clock(0);
    planner.replace(planner.schedule().withPaused(true));
    planner.clock(15 * MINUTE);
    assertThat(names(planner.take(0, 20, true))).isEmpty();

    planner.replace(planner.schedule().withPaused(false));

    assertThat(names(planner.take(20, 29, false))).isEmpty();
    planner.clock(20 * MINUTE);
    assertThat(names(planner.take(29, 30, false))).containsExactly("each", "ten");
  }

  @Test
  void shouldEvaluateOnceMoreWhenItIsOrderedAlsoWhilePaused() {
    EvaluationEntry each = Schedules.entry("each", List.of(), 10, List.of(1), "a");
    EvaluationPlanner planner = planner(each);
    planner.replace(planner.schedule().withPaused(true));

    planner.order(List.of(each));

    assertThat(names(planner.take(0, 1, false))).containsExactly("each");
    assertThat(names(planner.take(1, 2, false))).isEmpty();
  }

  @Test
  void shouldKeepAnOrderWhenAReplacementDoesNotHaveItsEntry() {
    EvaluationEntry old = Schedules.entry("old", List.of(), 10, List.of(1), "a");
    EvaluationEntry both = Schedules.entry("both", List.of(), 10, List.of(1), "a");
    EvaluationEntry changed = Schedules.entry("both", List.of(), 10, List.of(8), "a");
    EvaluationPlanner planner = planner(old, both);
    planner.order(List.of(old, both));

    planner.replace(Schedules.of(changed));

    assertThat(planner.take(0, 1, false).entries()).containsExactly(changed, old);
  }

  /** EVAL-1: whatever schedule held when a version was made is the one that counts for it. */
  @Test
  void shouldTakeEveryPointUnderExactlyOneScheduleWhenItIsReplacedAtRandom() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      EvaluationPlanner planner = planner();
      Set<String> expected = new HashSet<>();
      List<String> taken = new ArrayList<>();
      for (int version = 1; version <= 100; version++) {
        while (random.nextInt(3) == 0) {
          long[] points = LongStream.generate(() -> 1 + random.nextInt(1000)).limit(9).toArray();
          List<Long> distinct = LongStream.of(points).distinct().boxed().toList();
          planner.replace(
              Schedules.of(Schedules.entry("at", distinct, 0, List.of(1), "a"))
                  .withVersion(planner.schedule().version() + 1));
        }
        long before = 10L * (version - 1);
        long after = 10L * version;
        boolean last = version == 100;
        for (EvaluationEntry entry : planner.schedule().entries()) {
          if (last || entry.atImages().stream().anyMatch(at -> at > before && at <= after)) {
            expected.add(planner.schedule().version() + " at " + version);
          }
        }
        EvaluationSchedule due = planner.take(before, after, last);
        if (!due.entries().isEmpty()) {
          taken.add(due.version() + " at " + version);
        }
      }
      assertThat(taken).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void shouldRefuseWhatTheRunCannotDoWithEntryAndKey() {
    EvaluationLimits limits =
        new EvaluationLimits(
            List.of("ema"),
            false,
            false,
            Set.of(SamplerKind.RESTART, SamplerKind.SHORTCUT, SamplerKind.PUSHFORWARD));
    EvaluationEntry fine =
        Schedules.onDemand("fine", List.of(SamplerKind.RESTART), List.of(1), "ema", "live");

    assertThat(limits.objection(Schedules.of(fine))).isEmpty();
    assertThat(
            limits.objection(
                Schedules.of(
                    fine, Schedules.entry("bad", List.of(), 1, List.of(1), "ema", "fast"))))
        .hasValueSatisfying(reason -> assertThat(reason).startsWith("entries[bad].tracks must"));
    assertThat(
            limits.objection(
                Schedules.of(
                    Schedules.onDemand("ode", List.of(SamplerKind.HEUN), List.of(1), "ema"))))
        .contains(
            "entries[ode].samplers must list what the run's network learns for (pushforward,"
                + " restart, shortcut), but lists heun");
    assertThat(
            limits.objection(
                Schedules.of(
                    Schedules.onDemand("odd", List.of(SamplerKind.SHORTCUT), List.of(3), "ema"))))
        .hasValueSatisfying(reason -> assertThat(reason).startsWith("entries[odd].steps must"));
  }

  private static EvaluationPlanner planner(EvaluationEntry... entries) {
    return new EvaluationPlanner(Schedules.of(entries));
  }

  private static List<String> due(EvaluationPlanner planner, long before, long after) {
    return names(planner.due(before, after, false));
  }

  private static List<String> names(EvaluationSchedule due) {
    return due.entries().stream().map(EvaluationEntry::name).toList();
  }
}
