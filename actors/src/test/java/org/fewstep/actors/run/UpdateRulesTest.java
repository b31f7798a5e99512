package org.fewstep.actors.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.fewstep.actors.coordinator.LeftOut;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.coordinator.StalenessWeight;
import org.fewstep.actors.coordinator.UpdateRule;
import org.fewstep.model.optim.DelayedNesterov;
import org.fewstep.model.optim.ParameterSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs under the rules in which nobody waits for others. */
@Timeout(60)
class UpdateRulesTest {
  private static final int UPDATES = 20;
  private static final long IMAGES = UPDATES * FakeTraining.BATCH_IMAGES;
  private static final Config PLAIN = ConfigFactory.empty();
  private static final Config SERIALIZED =
      ConfigFactory.parseString("actor.serialize-messages = on");

  /** Its outer step is Nesterov's where the rule's is. */
  private static final class Training extends FakeTraining {
    private final UpdateRule rule;
    private final DelayedNesterov outer;

    Training(String rule, Mishap mishap, ParameterSet.State start) {
      this(rule(rule), new DelayedNesterov(PARAMETERS, 0.7, 0.5, 2), mishap, start);
    }

    Training(UpdateRule rule, DelayedNesterov outer, Mishap mishap, ParameterSet.State start) {
      super(mishap, start);
      this.rule = rule;
      this.outer = outer;
    }

    @Override
    ParameterSet newSet() {
      return rule instanceof UpdateRule.LocalSteps ? parameterSet(outer) : parameterSet();
    }

    private static UpdateRule rule(String name) {
      return switch (name) {
        case "bounded-staleness" ->
            new UpdateRule.BoundedStaleness(4, new StalenessWeight.Inverse());
        case "local-steps" -> new UpdateRule.LocalSteps(3, 1, 4, new StalenessWeight.None());
        default -> throw new IllegalArgumentException(name);
      };
    }

    RunSummary run(int trainers, RecordingListener listener, Config pekko) throws Exception {
      return LocalRun.start(
              FakeTraining.settings(trainers, UPDATES, rule).withRestarts(3, Duration.ofMillis(20)),
              this,
              listener,
              pekko)
          .finished()
          .toCompletableFuture()
          .get(30, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bounded-staleness, 1",
    "bounded-staleness, 2",
    "bounded-staleness, 5",
    "local-steps, 1",
    "local-steps, 2",
    "local-steps, 5"
  })
  void shouldSeeAllImagesAndLearnWhenTrainersWaitForNobody(String rule, int trainers)
      throws Exception {
    Training training = new Training(rule, (learner, unit, gradient) -> {}, null);
    RecordingListener listener = new RecordingListener();

    RunSummary summary = training.run(trainers, listener, SERIALIZED);

    assertThat(summary.images()).isEqualTo(IMAGES);
    assertThat(summary.version()).isEqualTo(rule.equals("local-steps") ? 7 : UPDATES);
    ParameterSet.State end = training.checkpoints.get(summary.version());
    assertThat(end.images()).isEqualTo(IMAGES);
    assertThat(end.unitsAhead()).isEmpty();
    assertThat(training.learners.stream().flatMap(learner -> learner.units.stream()).distinct())
        .hasSize(UPDATES * FakeTraining.UNITS_PER_UPDATE);
    assertThat(lossOfAllUnits(end.parameters()))
        .isLessThan(lossOfAllUnits(FakeTraining.parameterSet().parameters()));
    assertThat(listener.ticks)
        .allSatisfy(
            tick -> {
              assertThat(tick.staleness().max()).isBetween(0L, 4L);
              assertThat(tick.staleness().mean()).isBetween(0.0, (double) tick.staleness().max());
            });
    assertThat(training.evaluated).containsKey(summary.version()).hasSize(2);
  }

  /**
   * With an outer rate of 1, no momentum and one trainer, what the server has after each round is
   * what a plain loop has after as many steps, bit for bit. The last round has two steps.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20})
  void shouldEqualAPlainLoopWhenOneTrainerTakesLocalSteps(int steps) throws Exception {
    UpdateRule rule = new UpdateRule.LocalSteps(steps, 1, 0, new StalenessWeight.None());
    Training training =
        new Training(
            rule,
            new DelayedNesterov(FakeTraining.PARAMETERS, 1, 0, 1),
            (learner, unit, gradient) -> {},
            null);

    RunSummary summary = training.run(1, new RecordingListener(), PLAIN);

    assertThat(summary.version()).isEqualTo((UPDATES + steps - 1) / steps);
    assertThat(training.checkpoints.get(summary.version()).parameters())
        .isEqualTo(FakeTraining.afterUpdates(UPDATES).parameters());
  }

  @ParameterizedTest
  @CsvSource({"bounded-staleness, 1", "bounded-staleness, 2", "local-steps, 1", "local-steps, 2"})
  void shouldSeeAllImagesWhenATrainerFailsAndStartsAgain(String rule, int trainers)
      throws Exception {
    AtomicBoolean failed = new AtomicBoolean();
    RecordingListener listener = new RecordingListener();
    Training training =
        new Training(
            rule,
            (learner, unit, gradient) -> {
              if (unit.index() == 7 && !failed.getAndSet(true)) {
                throw new IllegalStateException("a bit fell over");
              }
              if (failed.get()) {
                // The other trainer must not be done before this one is back.
                await()
                    .pollDelay(Duration.ZERO)
                    .until(() -> listener.trainers.stream().anyMatch(UpdateRulesTest::isBack));
              }
            },
            null);

    RunSummary summary = training.run(trainers, listener, PLAIN);

    assertThat(summary.images()).isEqualTo(IMAGES);
    assertThat(training.learners).hasSize(trainers + 1);
    assertThat(listener.trainers).anyMatch(UpdateRulesTest::isBack);
  }

  private static boolean isBack(String change) {
    return change.endsWith("/2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bounded-staleness", "local-steps"})
  void shouldLeaveOutWhatIsNeverFiniteAndKeepTheParametersFinite(String rule) throws Exception {
    Training training =
        new Training(
            rule,
            (learner, unit, gradient) -> {
              if (unit.index() == 25) {
                gradient[3] = Float.NaN;
              }
            },
            null);
    RecordingListener listener = new RecordingListener();

    RunSummary summary = training.run(2, listener, PLAIN);

    assertThat(summary.images()).isEqualTo(IMAGES);
    assertThat(listener.leftOut)
        .extracting(LeftOut::unit)
        .containsExactly(rule.equals("local-steps") ? 18L : 25L);
    for (float parameter : training.checkpoints.get(summary.version()).parameters()) {
      assertThat(parameter).isFinite();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bounded-staleness", "local-steps"})
  void shouldSeeEachImageOnceWhenItIsStoppedAndGoesOn(String rule) throws Exception {
    AtomicReference<LocalRun> started = new AtomicReference<>();
    RecordingListener stopping =
        new RecordingListener(
            progress -> {
              if (progress.version() == 3) {
                started.get().stop();
              }
            });
    Training first =
        new Training(
            rule,
            (learner, unit, gradient) -> {
              while (started.get() == null) {
                Thread.onSpinWait();
              }
            },
            null);
    started.set(
        LocalRun.start(FakeTraining.settings(2, UPDATES, first.rule), first, stopping, PLAIN));
    RunSummary stopped = started.get().finished().toCompletableFuture().get(30, TimeUnit.SECONDS);
    ParameterSet.State saved = first.checkpoints.get(stopped.version());
    assertThat(saved.images()).isEqualTo(stopped.images()).isLessThan(IMAGES);

    Training second = new Training(rule, (learner, unit, gradient) -> {}, saved);
    RunSummary end = second.run(2, new RecordingListener(), PLAIN);

    assertThat(end.images()).isEqualTo(IMAGES);
    List<Long> computed =
        second.learners.stream().flatMap(learner -> learner.units.stream()).distinct().toList();
    long left = (IMAGES - saved.images()) / FakeTraining.UNIT_IMAGES;
    assertThat(computed).as("nothing counted before is computed again").hasSize((int) left);
    assertThat(Arrays.equals(end(second, end).parameters(), saved.parameters())).isFalse();
    assertThat(end(second, end).optimizerSteps()).isGreaterThan(saved.optimizerSteps());
  }

  /** Two trainers meet in the middle of a round only if neither waits for the other. */
  @Test
  void shouldLetATrainerGoOnWhenAnotherOneStandsStill() throws Exception {
    AtomicBoolean stands = new AtomicBoolean();
    AtomicReference<FakeTraining.FakeLearner> still = new AtomicReference<>();
    Training training =
        new Training(
            "bounded-staleness",
            (learner, unit, gradient) -> {
              if (!stands.getAndSet(true)) {
                still.set(learner);
                while (still.get() == learner) {
                  Thread.onSpinWait();
                }
              }
            },
            null);
    RecordingListener listener =
        new RecordingListener(
            progress -> {
              if (progress.version() == UPDATES - 1) {
                still.set(null);
              }
            });

    RunSummary summary = training.run(2, listener, PLAIN);

    assertThat(summary.images()).isEqualTo(IMAGES);
  }

  private static double lossOfAllUnits(float[] parameters) {
    double loss = 0;
    for (long unit = 0; unit < UPDATES * FakeTraining.UNITS_PER_UPDATE; unit++) {
      float[] gradient = new float[FakeTraining.PARAMETERS];
      loss += FakeTraining.lossAndGradient(parameters, FakeTraining.unit(unit), gradient);
    }
    return loss;
  }

  private static ParameterSet.State end(FakeTraining training, RunSummary summary) {
    return training.checkpoints.get(summary.version());
  }
}
