package org.fewstep.actors.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.fewstep.actors.Schedules;
import org.fewstep.actors.coordinator.RunHealth.Problem;
import org.fewstep.actors.coordinator.RunHealth.TrainerPulse;
import org.junit.jupiter.api.Test;

class RunHealthTest {
  private static final long SECOND = 1_000_000_000L;
  private static final RunHealth.Pulse WELL = new RunHealth.Pulse(2 * SECOND, SECOND);
  private static final RunHealth.Pulse STUCK = new RunHealth.Pulse(41 * SECOND, 2 * SECOND);

  @Test
  void shouldBeWellWhenEverythingMoves() {
    assertThat(health("training", 0, WELL, WELL, "e"))
        .isEqualTo(new RunHealth(true, true, List.of()));
  }

  @Test
  void shouldNameTheTrainerAndTheServerWhenTheyAreStuck() {
    RunHealth health = health("training", 0, STUCK, STUCK, "e");

    assertThat(health.alive()).isFalse();
    assertThat(health.problems())
        .containsExactly(
            new Problem("trainer", "a", "no step: nothing for 41 s, usually 2.00 s"),
            new Problem("server", "parameters", "no update: nothing for 41 s, usually 2.00 s"));
  }

  @Test
  void shouldBlameTheEvaluatorWhenTrainingWaitsForIt() {
    RunHealth health = health("training", 400 * SECOND, STUCK, STUCK, "e");

    assertThat(health.alive()).isTrue();
    assertThat(health.problems())
        .containsExactly(
            new Problem(
                "evaluator",
                "all",
                "behind schedule: training has been waiting for evaluations for 400 s"));
  }

  @Test
  void shouldNotBeReadyWhenThereIsNoTrainer() {
    RunHealth health =
        RunHealth.of(
            List.of(),
            WELL,
            new StatusBoard.Rest("training", Schedules.of(), List.of(), List.of("e"), 0));

    assertThat(health.ready()).isFalse();
    assertThat(health.problems())
        .containsExactly(new Problem("trainers", "all", "no trainer takes part"));
  }

  @Test
  void shouldBePatientBeforeTheFirstStep() {
    assertThat(new RunHealth.Pulse(599 * SECOND, 0).isStuck()).isFalse();
    assertThat(new RunHealth.Pulse(601 * SECOND, 0).isStuck()).isTrue();
    assertThat(new RunHealth.Pulse(29 * SECOND, SECOND / 100).isStuck()).isFalse();
    assertThat(health("finishing", 0, STUCK, STUCK, "e").alive()).isTrue();
  }

  @Test
  void shouldTellTheMedianOfTheLatestIntervals() {
    Pulse pulse = new Pulse();
    pulse.begin(0);
    assertThat(pulse.at(5)).isEqualTo(new RunHealth.Pulse(5, 0));
    for (long at : new long[] {10, 11, 12, 13, 113}) {
      pulse.beat(at);
    }

    assertThat(pulse.at(120)).isEqualTo(new RunHealth.Pulse(7, 1));
  }

  private static RunHealth health(
      String phase,
      long heldBackNanos,
      RunHealth.Pulse trainer,
      RunHealth.Pulse server,
      String evaluator) {
    return RunHealth.of(
        List.of(new TrainerPulse("a", trainer)),
        server,
        new StatusBoard.Rest(phase, Schedules.of(), List.of(), List.of(evaluator), heldBackNanos));
  }
}
