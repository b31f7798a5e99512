package org.fewstep.actors.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;
import org.fewstep.actors.Failures;
import org.fewstep.actors.Schedules;
import org.fewstep.actors.coordinator.LeftOut;
import org.fewstep.actors.coordinator.RunPlan;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.coordinator.UpdateRule;
import org.fewstep.actors.evaluator.EvaluationJob;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.loader.UnitSource;
import org.fewstep.actors.server.CheckpointWriter;
import org.fewstep.actors.trainer.Learner;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Unit;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.optim.Snapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LocalRunTest {
  private static final int UPDATES = 20;
  private static final Config PLAIN = ConfigFactory.empty();
  private static final Config SERIALIZED =
      ConfigFactory.parseString("actor.serialize-messages = on");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void shouldEndWithTheParametersOfAPlainLoopWhenTrainersShareTheWork(int trainers)
      throws Exception {
    FakeTraining training = new FakeTraining();

    RunSummary summary = run(training, trainers, new RecordingListener(), PLAIN);

    assertThat(summary.version()).isEqualTo(UPDATES);
    assertThat(summary.stopped()).isFalse();
    assertSame(training.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
  }

  @Test
  void shouldEndWithTheSameParametersWhenUnitsArriveInAnyOrder() throws Exception {
    Random random = new Random(5);
    FakeTraining training = new FakeTraining((learner, unit, gradient) -> sleep(random.nextInt(8)));

    run(training, 5, new RecordingListener(), PLAIN);

    assertSame(training.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
    assertThat(training.learners.stream().filter(learner -> !learner.units.isEmpty()).count())
        .isGreaterThan(1);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "5, 1", "3, 2"})
  void shouldEndWithTheParametersOfADelayedLoopWhenUnitsAreComputedBehind(int trainers, int delay)
      throws Exception {
    Random random = new Random(6);
    FakeTraining training = new FakeTraining((learner, unit, gradient) -> sleep(random.nextInt(4)));

    finish(delayed(trainers, delay), training, new RecordingListener(), SERIALIZED);

    assertSame(training.checkpoints.get(20L), FakeTraining.afterDelayedUpdates(UPDATES, delay));
  }

  @Test
  void shouldEndWithTheSameParametersWhenADelayedRunIsStoppedAndGoesOn() throws Exception {
    FakeTraining first = new FakeTraining(LocalRunTest::slowFromVersionFive);
    ParameterSet.State saved =
        first.checkpoints.get(stopAtVersion(5, delayed(2, 1), first).version());
    FakeTraining second = new FakeTraining((learner, unit, gradient) -> {}, saved);

    finish(delayed(3, 1), second, new RecordingListener(), PLAIN);

    assertThat(saved.earlier()).hasSize(1);
    assertSame(second.checkpoints.get(20L), FakeTraining.afterDelayedUpdates(UPDATES, 1));
  }

  @Test
  void shouldComputeAUnitOfThePresentVersionWhenItsTrainerFailedAndOthersAreAhead()
      throws Exception {
    AtomicBoolean failed = new AtomicBoolean();
    FakeTraining training =
        new FakeTraining(
            (learner, unit, gradient) -> {
              if (unit.index() == 6 && !failed.getAndSet(true)) {
                sleep(100); // others compute the units of the next version meanwhile
                throw new IllegalStateException("struck by lightning");
              }
            });

    finish(delayed(3, 1), training, new RecordingListener(), PLAIN);

    assertSame(training.checkpoints.get(20L), FakeTraining.afterDelayedUpdates(UPDATES, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void shouldLeaveOutTheUpdateOfAUnitThatFailsBeforeItsTurn(int trainers) throws Exception {
    RecordingListener listener = new RecordingListener();
    FakeTraining training = training(unit -> unit == 7 || unit == 24, Double.POSITIVE_INFINITY);

    finish(delayed(trainers, 1), training, listener, SERIALIZED);

    assertThat(listener.leftOut)
        .extracting(LeftOut::images, LeftOut::unit, LeftOut::wentBack)
        .containsExactly(tuple(24L, 7L, false), tuple(96L, 24L, false));
    ParameterSet expected = FakeTraining.parameterSet();
    for (int version = 0; version < UPDATES; version++) {
      if (version == 2 || version == 8) {
        expected.setEarlier(List.of(expected.published(1)));
        expected.leaveOut(FakeTraining.BATCH_IMAGES);
      } else {
        FakeTraining.updateDelayed(expected, 1);
      }
    }
    assertSame(training.checkpoints.get(20L), expected.state());
  }

  private static RunSettings delayed(int trainers, int delay) {
    return FakeTraining.settings(trainers, UPDATES, new UpdateRule.Synchronous(delay));
  }

  @Test
  void shouldRunWholeAndReportWhenEveryMessageIsSerialised() throws Exception {
    FakeTraining training = new FakeTraining();
    RecordingListener listener = new RecordingListener();

    run(training, 2, listener, SERIALIZED);

    assertSame(training.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
    assertThat(listener.checkpoints).containsExactly(Path.of("checkpoints", "20"));
    assertThat(listener.progress).hasSize(UPDATES);
    assertThat(listener.scores)
        .extracting(Score::version, Score::images, Score::steps, Score::track)
        .containsExactly(
            tuple(10L, 120L, 1, FakeTraining.TRACK),
            tuple(10L, 120L, 2, FakeTraining.TRACK),
            tuple(20L, 240L, 1, FakeTraining.TRACK),
            tuple(20L, 240L, 2, FakeTraining.TRACK));
    assertThat(training.evaluated.get(10L))
        .isEqualTo(FakeTraining.afterUpdates(10).tracks().get(FakeTraining.TRACK));
    assertThat(training.evaluated.get(20L))
        .isEqualTo(FakeTraining.afterUpdates(20).tracks().get(FakeTraining.TRACK));
  }

  @Test
  void shouldReportATickEachSoManyImagesWhenItRuns() throws Exception {
    RecordingListener listener = new RecordingListener();

    run(new FakeTraining(), 2, listener, PLAIN);

    assertThat(listener.ticks)
        .extracting(tick -> tick.images())
        .containsExactly(60L, 120L, 180L, 240L);
    assertThat(listener.ticks)
        .allSatisfy(
            tick -> {
              assertThat(tick.version()).isEqualTo(tick.images() / FakeTraining.BATCH_IMAGES);
              assertThat(tick.imagesPerSecond()).isPositive();
              assertThat(tick.modelKernel()).isEqualTo(1);
              assertThat(tick.targetKernel()).isEqualTo(2);
              assertThat(tick.crossKernel()).isEqualTo(3);
              assertThat(tick.gradientNorm()).isPositive().isLessThan(tick.unitGradientNorm());
              assertThat(tick.time().shares().waitingForOthers()).isBetween(0.0, 1.0);
              assertThat(tick.trainers()).isBetween(1, 2);
            });
    assertThat(listener.ticks).extracting(tick -> tick.learningRate()).containsOnly(0.01);
    assertThat(listener.ticks.get(3).loss()).isLessThan(listener.ticks.get(0).loss());
  }

  @Test
  void shouldKeepEachLearnerOnOneThreadOfItsOwnWhenItLives() throws Exception {
    CountDownLatch made = new CountDownLatch(3);
    FakeTraining training =
        new FakeTraining((learner, unit, gradient) -> awaitQuietly(made)) {
          @Override
          public Learner newLearner() {
            Learner learner = super.newLearner();
            made.countDown();
            return learner;
          }
        };

    run(training, 3, new RecordingListener(), PLAIN);

    assertThat(training.learners)
        .hasSize(3)
        .allSatisfy(
            learner -> {
              assertThat(learner.closed).isTrue();
              assertThat(learner.threads).containsOnly(learner.threads.get(0));
            });
    assertThat(training.learners.stream().map(learner -> learner.threads.get(0)).distinct())
        .hasSize(3);
    assertThat(training.bound)
        .doesNotHaveDuplicates()
        .hasSize(4) // the evaluator's, too
        .containsAll(training.learners.stream().map(learner -> learner.threads.get(0)).toList());
  }

  @Test
  void shouldStartATrainerAgainAndLoseNothingWhenItFailsOnce() throws Exception {
    AtomicBoolean failed = new AtomicBoolean();
    FakeTraining training =
        new FakeTraining(
            (learner, unit, gradient) -> {
              if (unit.index() == 7 && !failed.getAndSet(true)) {
                throw new IllegalStateException("a bit fell over");
              }
            });
    RecordingListener listener = new RecordingListener();

    run(training, 1, listener, SERIALIZED);

    assertSame(training.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
    assertThat(listener.trainers).containsExactly("+trainer-1/1", "-trainer-1/1", "+trainer-1/2");
    assertThat(training.learners).hasSize(2).allMatch(learner -> learner.closed);
  }

  @Test
  void shouldGiveTheUnitToAnotherTrainerWhenItsTrainerFails() throws Exception {
    AtomicBoolean failed = new AtomicBoolean();
    FakeTraining training =
        new FakeTraining(
            (learner, unit, gradient) -> {
              sleep(1);
              if (unit.index() == 7 && !failed.getAndSet(true)) {
                throw new IllegalStateException("a bit fell over");
              }
            });
    RunSettings patient = FakeTraining.settings(2, UPDATES).withRestarts(3, Duration.ofMinutes(10));

    LocalRun.start(patient, training, new RecordingListener(), PLAIN)
        .finished()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);

    assertSame(training.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
  }

  @Test
  void shouldFailWithTheCauseWhenATrainerFailsAgainAndAgain() {
    FakeTraining training =
        new FakeTraining(
            (learner, unit, gradient) -> {
              throw new IllegalStateException("a bit fell over");
            });

    assertThatThrownBy(() -> run(training, 1, new RecordingListener(), PLAIN))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a bit fell over");
    assertThat(training.learners).hasSize(4);
  }

  @Test
  void shouldFailAtOnceWhenTheUserCanMendIt() {
    FakeTraining training =
        new FakeTraining(
            (learner, unit, gradient) -> {
              throw new UserException("Set it right.");
            });

    assertThatThrownBy(() -> run(training, 1, new RecordingListener(), PLAIN))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessage("Set it right.");
    assertThat(training.learners).hasSize(1);
  }

  @Test
  void shouldFailAtOnceWhenTheMachineIsToBlame() {
    FakeTraining training =
        new FakeTraining() {
          @Override
          public Learner newLearner() {
            throw new NoClassDefFoundError("native library");
          }
        };

    assertThatThrownBy(() -> run(training, 1, new RecordingListener(), PLAIN))
        .cause()
        .isInstanceOf(Failures.MachineException.class)
        .hasMessageContaining("native library");
  }

  @Test
  void shouldSaveWhatWasAppliedWhenItIsStopped() throws Exception {
    FakeTraining training = new FakeTraining(LocalRunTest::slowFromVersionFive);

    RunSummary summary = stopAtVersion(5, training);

    assertThat(summary.stopped()).isTrue();
    assertThat(summary.version()).isBetween(5L, UPDATES - 1L);
    assertThat(summary.images()).isEqualTo(summary.version() * FakeTraining.BATCH_IMAGES);
    assertThat(training.checkpoints).containsOnlyKeys(summary.version());
    assertSame(
        training.checkpoints.get(summary.version()),
        FakeTraining.afterUpdates((int) summary.version()));
  }

  @Test
  void shouldEndWithTheSameParametersWhenItIsStoppedAndGoesOn() throws Exception {
    FakeTraining first = new FakeTraining(LocalRunTest::slowFromVersionFive);
    ParameterSet.State saved = first.checkpoints.get(stopAtVersion(5, first).version());
    FakeTraining second = new FakeTraining((learner, unit, gradient) -> {}, saved);
    RecordingListener listener = new RecordingListener();

    run(second, 3, listener, PLAIN);

    assertSame(second.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
    assertThat(listener.progress.get(0).version()).isEqualTo(saved.version() + 1);
  }

  @Test
  void shouldEndAtOnceWhenTheRunItGoesOnFromIsComplete() throws Exception {
    FakeTraining training =
        new FakeTraining((learner, unit, gradient) -> {}, FakeTraining.afterUpdates(UPDATES));

    RunSummary summary = run(training, 1, new RecordingListener(), PLAIN);

    assertThat(summary.version()).isEqualTo(UPDATES);
    assertThat(training.checkpoints).isEmpty();
  }

  @Test
  void shouldSaveTheStartWhenItIsStoppedBeforeAnythingWasApplied() throws Exception {
    FakeTraining training = new FakeTraining((learner, unit, gradient) -> sleep(200));

    LocalRun run =
        LocalRun.start(FakeTraining.settings(2, UPDATES), training, new RecordingListener(), PLAIN);
    run.stop();
    RunSummary summary = run.finished().toCompletableFuture().get(30, TimeUnit.SECONDS);

    assertThat(summary.version()).isZero();
    assertThat(training.checkpoints).containsOnlyKeys(0L);
  }

  @Test
  void shouldComputeAUnitOnceMoreWhenItsGradientWasNotFinite() throws Exception {
    AtomicBoolean spoilt = new AtomicBoolean();
    FakeTraining training =
        new FakeTraining(
            (learner, unit, gradient) -> {
              if (unit.index() == 7 && !spoilt.getAndSet(true)) {
                gradient[3] = Float.NaN;
              }
            });

    run(training, 2, new RecordingListener(), SERIALIZED);

    assertSame(training.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void shouldLeaveOutAnUpdateAndGoOnWhenAGradientStaysNotFinite(int trainers) throws Exception {
    RecordingListener listener = new RecordingListener();
    FakeTraining training =
        new FakeTraining(
            (learner, unit, gradient) -> {
              if (unit.index() == 7) {
                gradient[12] = Float.POSITIVE_INFINITY;
              }
            });

    RunSummary summary = run(training, trainers, listener, SERIALIZED);

    assertThat(summary.version()).isEqualTo(UPDATES);
    assertThat(listener.leftOut)
        .containsExactly(new LeftOut(24, 7, "the gradient of second", false, 1, 3));
    ParameterSet expected = FakeTraining.parameterSet();
    FakeTraining.update(expected, 2);
    expected.leaveOut(FakeTraining.BATCH_IMAGES);
    FakeTraining.update(expected, UPDATES);
    assertSame(training.checkpoints.get(20L), expected.state());
  }

  @Test
  void shouldLeaveOutTheLastUpdateAndSaveWhenALossIsNotFinite() throws Exception {
    RecordingListener listener = new RecordingListener();
    FakeTraining training = training(unit -> unit == 3L * UPDATES - 1, Double.NaN);

    run(training, 2, listener, PLAIN);

    assertThat(listener.leftOut)
        .extracting(LeftOut::culprit, LeftOut::images)
        .containsExactly(tuple("the loss", 228L));
    ParameterSet expected = FakeTraining.parameterSet();
    FakeTraining.update(expected, UPDATES - 1);
    expected.leaveOut(FakeTraining.BATCH_IMAGES);
    assertSame(training.checkpoints.get(20L), expected.state());
    assertThat(training.evaluated).containsKey(20L);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void shouldGoBackToACheckpointWhenTheNextUpdateIsNotFiniteEither(int trainers) throws Exception {
    RecordingListener listener = new RecordingListener();
    // Updates 7 and 8 fail; versions 3 and 6 are saved before the parameters of version 7 are made.
    FakeTraining training = training(unit -> unit == 22 || unit == 24, Double.POSITIVE_INFINITY);

    LocalRun.start(savedEveryThird(trainers), training, listener, SERIALIZED)
        .finished()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);

    assertThat(listener.leftOut)
        .extracting(LeftOut::unit, LeftOut::wentBack, LeftOut::times)
        .containsExactly(tuple(22L, false, 1), tuple(24L, true, 2));
    ParameterSet expected = FakeTraining.parameterSet();
    FakeTraining.update(expected, 6);
    for (int leftOut = 6; leftOut < 9; leftOut++) {
      expected.leaveOut(FakeTraining.BATCH_IMAGES);
    }
    FakeTraining.update(expected, UPDATES);
    assertSame(training.checkpoints.get(20L), expected.state());
  }

  @Test
  void shouldFailWithImagesUnitAndTensorsWhenAFourthUpdateIsNotFinite() {
    FakeTraining training =
        new FakeTraining(
            (learner, unit, gradient) -> {
              if (unit.index() % 9 == 4) {
                gradient[2] = Float.NaN;
                gradient[36] = Float.NaN;
              }
            });
    RecordingListener listener = new RecordingListener();

    assertThatThrownBy(() -> run(training, 2, listener, PLAIN))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessageContaining(
            "after 120 images the gradient of first, second in unit 31 is not finite");
    assertThat(listener.leftOut).extracting(LeftOut::unit).containsExactly(4L, 13L, 22L);
  }

  @Test
  void shouldFailWhenThereIsNoCheckpointToGoBackTo() {
    FakeTraining training = training(unit -> unit == 22 || unit == 24, Double.NaN);

    assertThatThrownBy(() -> run(training, 2, new RecordingListener(), PLAIN))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Training has diverged: after 96 images");
  }

  /** Units that have such a loss. */
  private static FakeTraining training(LongPredicate units, double loss) {
    return new FakeTraining() {
      @Override
      double loss(Unit unit, double real) {
        return units.test(unit.index()) ? loss : real;
      }
    };
  }

  private static RunSettings savedEveryThird(int trainers) {
    RunSettings plain = FakeTraining.settings(trainers, UPDATES);
    return new RunSettings(
        new RunPlan(
            FakeTraining.BATCH_IMAGES,
            FakeTraining.UNIT_IMAGES,
            (long) UPDATES * FakeTraining.BATCH_IMAGES,
            3 * FakeTraining.BATCH_IMAGES,
            false,
            60),
        plain.identity(),
        trainers,
        plain.schedule(),
        plain.limits());
  }

  @Test
  void shouldGoOnWithoutACheckpointWhenTheListenerAllowsIt() throws Exception {
    FakeTraining training =
        new FakeTraining() {
          @Override
          public CheckpointWriter newCheckpointWriter() {
            CheckpointWriter real = super.newCheckpointWriter();
            return state -> {
              if (state.version() == 6) {
                throw new UserException("no space left");
              }
              return real.write(state);
            };
          }
        };
    List<String> failed = new CopyOnWriteArrayList<>();
    RecordingListener listener =
        new RecordingListener() {
          @Override
          public void onCheckpointFailed(long version, long images, String reason, boolean last) {
            failed.add("%d %d %s %s".formatted(version, images, reason, last));
          }
        };

    LocalRun.start(savedEveryThird(2), training, listener, SERIALIZED)
        .finished()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);

    assertThat(failed).containsExactly("6 72 no space left false");
    assertThat(training.checkpoints.keySet()).contains(3L, 9L, 20L).doesNotContain(6L);
    assertSame(training.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
  }

  @Test
  void shouldTellThatNoCheckpointWillFollowWhenTheLastOneFails() {
    FakeTraining training =
        new FakeTraining() {
          @Override
          public CheckpointWriter newCheckpointWriter() {
            return state -> {
              throw new UserException("no space left");
            };
          }
        };
    RecordingListener listener =
        new RecordingListener() {
          @Override
          public void onCheckpointFailed(long version, long images, String reason, boolean last) {
            throw new UserException(reason + " " + last);
          }
        };

    assertThatThrownBy(() -> run(training, 2, listener, PLAIN))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessage("no space left true");
  }

  /** OWED-1: an evaluation that fell due is not lost. */
  @Test
  void shouldEvaluateWhatIsOwedFirstAlsoWhenTheRunIsComplete() throws Exception {
    ParameterSet.State end = FakeTraining.afterUpdates(UPDATES);
    Snapshot interrupted =
        new Snapshot(
            "model", FakeTraining.TRACK, 10, 120, FakeTraining.afterUpdates(10).parameters());
    FakeTraining training =
        new FakeTraining((learner, unit, gradient) -> {}, end) {
          @Override
          public List<Owed> owedEvaluations() {
            return List.of(new Owed(interrupted, FakeTraining.settings(1, UPDATES).schedule()));
          }
        };
    RecordingListener listener = new RecordingListener();

    run(training, 1, listener, SERIALIZED);

    assertThat(training.evaluated.get(10L)).isEqualTo(interrupted.parameters());
    assertThat(listener.scores).extracting(Score::images).containsExactly(120L, 120L);
  }

  @Test
  void shouldKeepParametersBeforeTheyAreEvaluated() throws Exception {
    FakeTraining training = new FakeTraining();

    run(training, 2, new RecordingListener(), PLAIN);

    assertThat(training.owed).containsExactly(10L, 20L);
  }

  @Test
  void shouldFailWithTheCauseWhenAUnitCannotBeRead() {
    FakeTraining training =
        new FakeTraining() {
          @Override
          public UnitSource newUnitSource() {
            return index -> {
              if (index == 9) {
                throw new UserException("The data set is damaged.");
              }
              return unit(index);
            };
          }
        };

    assertThatThrownBy(() -> run(training, 2, new RecordingListener(), PLAIN))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessage("The data set is damaged.");
  }

  @Test
  void shouldFailWithTheCauseWhenAnEvaluationFails() {
    FakeTraining training =
        new FakeTraining() {
          @Override
          public Evaluations newEvaluations() {
            return new FakeEvaluations() {
              @Override
              public EvaluationJob begin(EvaluationPart part) throws IOException {
                throw new IOException("no place for grids");
              }
            };
          }
        };

    assertThatThrownBy(() -> run(training, 2, new RecordingListener(), PLAIN))
        .cause()
        .isInstanceOf(IOException.class)
        .hasMessage("no place for grids");
  }

  @Test
  void shouldFailWithTheCauseWhenACheckpointCannotBeWritten() {
    FakeTraining training =
        new FakeTraining() {
          @Override
          public CheckpointWriter newCheckpointWriter() {
            return state -> {
              throw new IOException("disk full");
            };
          }
        };

    assertThatThrownBy(() -> run(training, 2, new RecordingListener(), PLAIN))
        .cause()
        .isInstanceOf(IOException.class)
        .hasMessage("disk full");
  }

  @Test
  void shouldFailWithTheCauseWhenTheListenerFails() {
    RecordingListener listener =
        new RecordingListener(
            progress -> {
              throw new UserException("No place for statistics.");
            });

    FakeTraining training = new FakeTraining((learner, unit, gradient) -> sleep(50));

    assertThatThrownBy(() -> run(training, 2, listener, PLAIN))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessage("No place for statistics.");
    assertThat(training.learners).allMatch(learner -> learner.closed);
  }

  @Test
  void shouldFailWithTheCauseWhenTheListenerFailsBeforeTheServerIsThere() {
    RecordingListener listener =
        new RecordingListener() {
          @Override
          public void onTrainerJoined(String trainer, long incarnation) {
            throw new UserException("No place for trainers.");
          }
        };
    FakeTraining training =
        new FakeTraining() {
          @Override
          public ParameterSet newParameterSet() {
            sleep(100);
            return super.newParameterSet();
          }
        };

    assertThatThrownBy(() -> run(training, 1, listener, PLAIN))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessage("No place for trainers.");
  }

  @Test
  void shouldNotLetEvaluationsPileUpWhenTheyAreSlowerThanTraining() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger furthestAhead = new AtomicInteger();
    FakeTraining training =
        new FakeTraining() {
          @Override
          public Evaluations newEvaluations() {
            return new FakeEvaluations() {
              @Override
              public EvaluationJob begin(EvaluationPart part) throws Exception {
                begun.set((int) part.version());
                sleep(20);
                return super.begin(part);
              }
            };
          }
        };
    RecordingListener listener =
        new RecordingListener(
            progress ->
                furthestAhead.accumulateAndGet((int) progress.version() - begun.get(), Math::max));
    RunSettings plain = FakeTraining.settings(2, UPDATES);
    RunSettings everyUpdate =
        plain.withSchedule(
            Schedules.of(
                Schedules.entry(
                    "every-update", List.of(), 12, List.of(1), FakeTraining.TRACK, "live")));

    LocalRun.start(everyUpdate, training, listener, PLAIN)
        .finished()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);

    assertThat(listener.scores).hasSize(2 * UPDATES);
    assertThat(furthestAhead.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void shouldLetTheUserOverrideWhenPekkoIsConfigured() {
    Config config =
        LocalRun.configuration(ConfigFactory.parseString("loglevel = DEBUG, actor { x = 1 }"));

    assertThat(config.getString("pekko.loglevel")).isEqualTo("DEBUG");
    assertThat(config.getInt("pekko.actor.x")).isEqualTo(1);
    assertThat(config.getString("pekko.actor.provider")).isEqualTo("local");
    assertThat(config.getString("pekko.actor.allow-java-serialization")).isEqualTo("off");
  }

  private static RunSummary stopAtVersion(long version, FakeTraining training) throws Exception {
    return stopAtVersion(version, FakeTraining.settings(2, UPDATES), training);
  }

  private static RunSummary stopAtVersion(long version, RunSettings settings, FakeTraining training)
      throws Exception {
    AtomicReference<LocalRun> run = new AtomicReference<>();
    CountDownLatch started = new CountDownLatch(1);
    RecordingListener listener =
        new RecordingListener(
            progress -> {
              if (progress.version() == version) {
                awaitQuietly(started);
                run.get().stop();
              }
            });
    run.set(LocalRun.start(settings, training, listener, PLAIN));
    started.countDown();
    return run.get().finished().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** Leaves time to stop the run while it computes version six. */
  private static void slowFromVersionFive(
      FakeTraining.FakeLearner learner, Unit unit, float[] gradient) {
    if (unit.index() >= 5 * FakeTraining.UNITS_PER_UPDATE) {
      sleep(100);
    }
  }

  private static RunSummary run(
      FakeTraining training, int trainers, RecordingListener listener, Config pekko)
      throws Exception {
    return finish(FakeTraining.settings(trainers, UPDATES), training, listener, pekko);
  }

  private static RunSummary finish(
      RunSettings settings, FakeTraining training, RecordingListener listener, Config pekko)
      throws Exception {
    return LocalRun.start(
            settings.withRestarts(3, Duration.ofMillis(10)), training, listener, pekko)
        .finished()
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private static void assertSame(ParameterSet.State actual, ParameterSet.State expected) {
    assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
