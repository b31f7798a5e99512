package org.fewstep.actors.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.fewstep.actors.Schedules;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ScheduleReply;
import org.fewstep.protocol.ServerMessage.Decision;
import org.fewstep.protocol.ServerMessage.Effect;
import org.fewstep.protocol.UnitReport;
import org.fewstep.protocol.Verdict;
import org.junit.jupiter.api.Test;

class SequencerTest {
  private static final int UNITS = 4;
  private static final int UNIT_IMAGES = 16;
  private static final int BATCH = UNITS * UNIT_IMAGES;
  private static final long EPOCH = 3;

  private final Sequencer sequencer = sequencer(10 * BATCH, 0, schedule(List.of(), 0));
  private long rounds;

  @Test
  void shouldListPushesByUnitWhenTheyArriveInAnyOrder() {
    PushId third = accept(2);
    PushId fourth = accept(3);
    PushId first = accept(0);
    assertThat(sequencer.decide()).isEmpty();
    PushId second = accept(1);

    Decision decision = sequencer.decide().orElseThrow().decision();

    assertThat(decision.pushes()).containsExactly(first, second, third, fourth);
    assertThat(decision.version()).isEqualTo(1);
    assertThat(decision.images()).isEqualTo(BATCH);
    assertThat(decision.epoch()).isEqualTo(EPOCH);
  }

  @Test
  void shouldReportUnitsInTheOrderOfThePushesWhenItDecides() {
    for (int unit : new int[] {3, 1, 0, 2}) {
      judge(push(unit, 0).loss(unit));
    }

    assertThat(sequencer.decide().orElseThrow().reports())
        .extracting(UnitReport::loss)
        .containsExactly(0.0, 1.0, 2.0, 3.0);
  }

  /** PUSH-1: a trainer's round is applied at most once. */
  @Test
  void shouldCallAPushADuplicateOrStaleWhenItCameBefore() {
    Push push = push(0, 0);

    assertThat(judge(push)).isEqualTo(Verdict.ACCEPTED);
    assertThat(judge(push)).isEqualTo(Verdict.DUPLICATE);
    accept(1);
    accept(2);
    accept(3);
    assertThat(judge(push)).isEqualTo(Verdict.DUPLICATE);
    assertThat(sequencer.decide()).isPresent();
    assertThat(judge(push)).isEqualTo(Verdict.STALE);
  }

  /** UNIT-1: each unit is counted exactly once. */
  @Test
  void shouldCallAPushADuplicateWhenSomebodyElseComputedItsUnit() {
    accept(0);

    assertThat(judge(push(0, 0).by("b", 1))).isEqualTo(Verdict.DUPLICATE);
  }

  /** UNIT-1 and PUSH-1 under whatever a network may do to messages. */
  @Test
  void shouldCountEveryUnitAndRoundOnceWhenPushesAreShuffledAndRepeated() {
    Random random = new Random(11);
    List<PushId> applied = new ArrayList<>();
    List<Push> past = new ArrayList<>();
    for (long version = 0; version < 10; version++) {
      List<Push> inFlight = new ArrayList<>(past);
      for (int copy = 0; copy < 3; copy++) {
        for (int unit = 0; unit < UNITS; unit++) {
          Push push = push(version * UNITS + unit, version).by(copy == 0 ? "a" : "b", 1);
          inFlight.add(push);
          inFlight.add(push);
          past.add(push);
        }
      }
      Collections.shuffle(inFlight, random);
      inFlight.forEach(this::judge);
      applied.addAll(sequencer.decide().orElseThrow().decision().pushes());
    }

    assertThat(applied).hasSize(10 * UNITS).doesNotHaveDuplicates();
    assertThat(sequencer.images()).isEqualTo(10 * BATCH);
    assertThat(sequencer.isOver()).isTrue();
  }

  @Test
  void shouldRefuseAPushWhenItDoesNotBelongHere() {
    assertThat(judge(push(0, 0).by("stranger", 1))).isEqualTo(Verdict.NOT_ADMITTED);
    assertThat(judge(push(0, 0).by("a", 2))).isEqualTo(Verdict.NOT_ADMITTED);
    assertThat(judge(push(0, 0).epoch(EPOCH - 1))).isEqualTo(Verdict.WRONG_EPOCH);
    assertThat(judge(push(0, 1))).isEqualTo(Verdict.WRONG_UNIT);
    assertThat(judge(push(UNITS, 0))).isEqualTo(Verdict.WRONG_UNIT);
    assertThat(judge(push(0, 0).images(UNIT_IMAGES - 1))).isEqualTo(Verdict.WRONG_UNIT);
    assertThat(judge(push(0, 0).notFinite("weight"))).isEqualTo(Verdict.NOT_FINITE);
    assertThat(judge(push(0, 0))).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void shouldAcceptTheWorkOfAnEarlierLifeWhenTheTrainerWasStartedAgain() {
    sequencer.admit("a", 2);

    assertThat(judge(push(0, 0).by("a", 1))).isEqualTo(Verdict.ACCEPTED);
    assertThat(judge(push(1, 0).by("a", 2))).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void shouldCountRefusalsOfAUnitWhenItsGradientsAreNotFinite() {
    Push push = push(0, 0).notFinite("weight");
    judge(push);

    assertThat(judge(push)).isEqualTo(Verdict.DUPLICATE);
    assertThat(sequencer.timesNotFinite(0)).isEqualTo(1);
    judge(push(0, 0).notFinite("weight"));
    assertThat(sequencer.timesNotFinite(0)).isEqualTo(2);
    applyUpdate(sequencer);
    assertThat(sequencer.timesNotFinite(0)).isZero();
  }

  @Test
  void shouldEvaluateWhenAPointIsPassedAndAtTheEnd() {
    Sequencer run = sequencer(10 * BATCH, 0, schedule(List.of(100L), 5 * BATCH));

    assertThat(versionsWhere(run, decision -> decision.evaluation() != null))
        .containsExactly(2L, 5L, 10L);
  }

  @Test
  void shouldNeverEvaluateWhenTheScheduleHasNoEntries() {
    EvaluationSchedule none = new EvaluationSchedule(1, false, List.of());

    assertThat(
            versionsWhere(
                sequencer(10 * BATCH, 0, none), decision -> decision.evaluation() != null))
        .isEmpty();
  }

  @Test
  void shouldSaveEachSoManyImagesAndAtTheEnd() {
    Sequencer run = sequencer(10 * BATCH, 3 * BATCH + 1, schedule(List.of(), 0));

    assertThat(versionsWhere(run, Decision::checkpoint)).containsExactly(4L, 7L, 10L);
  }

  @Test
  void shouldReachItsLengthWhenThatIsNoMultipleOfTheBatch() {
    assertThat(
            versionsWhere(sequencer(10 * BATCH + 1, 0, schedule(List.of(), 0)), decision -> true))
        .last()
        .isEqualTo(11L);
  }

  @Test
  void shouldGoOnWithTheNextUnitsWhenItStartsFromAVersion() {
    Sequencer resumed =
        new Sequencer(plan(10 * BATCH, 0), schedule(List.of(), 0), EPOCH, 7, 7 * BATCH);
    resumed.admit("a", 1);

    assertThat(resumed.judge(push(27, 6).staged())).isEqualTo(Verdict.STALE);
    for (int unit = 28; unit < 32; unit++) {
      assertThat(resumed.judge(push(unit, 7).staged())).isEqualTo(Verdict.ACCEPTED);
    }
    Decision decision = resumed.decide().orElseThrow().decision();
    assertThat(decision.version()).isEqualTo(8);
    assertThat(decision.images()).isEqualTo(8 * BATCH);
    assertThat(resumed.pieces().count()).isEqualTo(10 * UNITS);
    assertThat(resumed.progress()).isEqualTo(0.8);
  }

  @Test
  void shouldDecideNothingMoreWhenItIsStopped() {
    applyUpdate(sequencer);
    for (int unit = 0; unit < UNITS; unit++) {
      judge(push(UNITS + unit, 1));
    }

    assertThat(sequencer.stop()).isTrue();

    assertThat(sequencer.decide()).isEmpty();
    assertThat(sequencer.isOver()).isTrue();
    assertThat(sequencer.version()).isEqualTo(1);
    assertThat(sequencer.stop()).as("saved already").isFalse();
  }

  @Test
  void shouldCallWhateverComesStaleWhenItIsStopped() {
    judge(push(0, 0).notFinite("weight"));
    sequencer.stop();

    assertThat(judge(push(0, 0).notFinite("weight"))).isEqualTo(Verdict.STALE);
    assertThat(judge(push(1, 0))).isEqualTo(Verdict.STALE);
    assertThat(sequencer.timesNotFinite(0)).isEqualTo(1);
  }

  @Test
  void shouldNotSaveAgainWhenItIsStoppedAtASavedVersion() {
    Sequencer saving = sequencer(10 * BATCH, BATCH, schedule(List.of(), 0));
    applyUpdate(saving);
    assertThat(saving.stop()).isFalse();

    Sequencer resumed =
        new Sequencer(plan(10 * BATCH, 0), schedule(List.of(), 0), EPOCH, 7, 7 * BATCH);
    assertThat(resumed.stop()).isFalse();
  }

  @Test
  void shouldReplaceTheScheduleOnlyWhenTheExpectedOneHolds() {
    EvaluationSchedule replacement = schedule(List.of(), BATCH).withVersion(99);

    assertThat(sequencer.replaceSchedule(2, replacement))
        .isEqualTo(new ScheduleReply.Conflict(schedule(List.of(), 0)));
    assertThat(sequencer.replaceSchedule(1, replacement))
        .isEqualTo(new ScheduleReply.Replaced(replacement.withVersion(2)));
    assertThat(sequencer.nextIsEvaluated()).isTrue();
    assertThat(sequencer.replaceSchedule(1, replacement))
        .isEqualTo(new ScheduleReply.Conflict(replacement.withVersion(2)));
    applyUpdate(sequencer);
    assertThat(sequencer.journal()).first().isEqualTo(new JournalEntry.ScheduleReplaced(2));
  }

  @Test
  void shouldKeepTheLatestDecisionsWhenTheJournalIsFull() {
    for (int i = 0; i < 300; i++) {
      judge(push(0, 0).by("stranger", 1));
    }
    applyUpdate(sequencer);

    assertThat(sequencer.journal()).hasSize(256);
    assertThat(sequencer.journal().get(255))
        .isInstanceOfSatisfying(
            JournalEntry.Applied.class,
            applied -> {
              assertThat(applied.version()).isEqualTo(1);
              assertThat(applied.pushes()).hasSize(UNITS);
              assertThat(applied.images()).isEqualTo(BATCH);
            });
  }

  /** UNIT-1: an update that is left out counts none of its units. */
  @Test
  void shouldLeaveOutAnUpdateAndGoBackWhenTheNextOneFailsToo() {
    PushId dropped = accept(1);

    Decision first = sequencer.leaveOut(0).decision();
    Decision second = sequencer.leaveOut(UNITS).decision();
    applyUpdate(sequencer);
    Decision third = sequencer.leaveOut(3 * UNITS).decision();

    assertThat(first.pushes()).containsExactly(dropped);
    assertThat(first.effect()).isEqualTo(Effect.LEAVE_OUT);
    assertThat(first.images()).isEqualTo(BATCH);
    assertThat(second.effect()).isEqualTo(Effect.GO_BACK);
    assertThat(third.effect()).isEqualTo(Effect.LEAVE_OUT);
    assertThat(sequencer.version()).isEqualTo(4);
    assertThat(sequencer.leftOut()).isEqualTo(3);
    assertThat(sequencer.journal())
        .contains(new JournalEntry.LeftOut(2, UNITS, Effect.GO_BACK))
        .last()
        .isEqualTo(new JournalEntry.LeftOut(4, 3 * UNITS, Effect.LEAVE_OUT));
    assertThat(judge(push(1, 0))).isEqualTo(Verdict.STALE);
  }

  /** PUSH-1 and UNIT-1 with units that are computed a version behind. */
  @Test
  void shouldTakeUnitsOfTheNextUpdateTooWhenTheyAreComputedBehind() {
    Sequencer behind = behind();
    Push ahead = push(UNITS, 0);

    assertThat(behind.judge(ahead.staged())).isEqualTo(Verdict.ACCEPTED);
    assertThat(behind.judge(ahead.staged())).isEqualTo(Verdict.DUPLICATE);
    assertThat(behind.judge(push(UNITS, 0).staged())).isEqualTo(Verdict.DUPLICATE);
    assertThat(behind.judge(push(2 * UNITS, 1).staged())).isEqualTo(Verdict.WRONG_UNIT);
    assertThat(behind.judge(push(2 * UNITS, 0).staged())).isEqualTo(Verdict.WRONG_UNIT);
    Push first = push(0, 0);
    behind.judge(first.staged());
    for (int unit = 1; unit < UNITS; unit++) {
      behind.judge(push(unit, 0).staged());
    }
    assertThat(behind.decide().orElseThrow().decision().pushes())
        .hasSize(UNITS)
        .doesNotContain(ahead.id);
    assertThat(behind.judge(first.staged())).isEqualTo(Verdict.STALE);
    assertThat(behind.judge(ahead.staged())).isEqualTo(Verdict.DUPLICATE);
    assertThat(behind.isComplete()).isFalse();
    for (int unit = UNITS + 1; unit < 2 * UNITS; unit++) {
      behind.judge(push(unit, 0).staged());
    }
    assertThat(behind.decide().orElseThrow().decision().pushes()).hasSize(UNITS).contains(ahead.id);
    assertThat(behind.judge(push(UNITS, 0).staged())).isEqualTo(Verdict.STALE);
  }

  @Test
  void shouldNotGoBackAgainForUnitsComputedBeforeItWentBack() {
    Sequencer behind = behind();
    applyUpdate(behind);

    assertThat(behind.leaveOut(UNITS).decision().effect()).isEqualTo(Effect.LEAVE_OUT);
    assertThat(behind.leaveOut(2 * UNITS).decision().effect()).isEqualTo(Effect.GO_BACK);
    assertThat(behind.leaveOut(3 * UNITS).decision().effect()).isEqualTo(Effect.LEAVE_OUT);
    assertThat(behind.leftOut()).isEqualTo(2);
    assertThat(behind.leaveOut(4 * UNITS).decision().effect()).isEqualTo(Effect.GO_BACK);
    assertThat(behind.leftOut()).isEqualTo(3);
  }

  private static Sequencer behind() {
    Sequencer sequencer =
        new Sequencer(
            new RunPlan(
                BATCH, UNIT_IMAGES, 10 * BATCH, 0, false, 1000, new UpdateRule.Synchronous(1)),
            schedule(List.of(), 0),
            EPOCH,
            0,
            0);
    sequencer.admit("a", 1);
    return sequencer;
  }

  @Test
  void shouldRefuseAPushWhenItsLossIsNotFinite() {
    assertThat(judge(push(0, 0).loss(Double.NaN))).isEqualTo(Verdict.NOT_FINITE);
    assertThat(judge(push(0, 0).loss(Double.NEGATIVE_INFINITY))).isEqualTo(Verdict.NOT_FINITE);
    assertThat(sequencer.timesNotFinite(0)).isEqualTo(2);
  }

  @Test
  void shouldSaveWhatIsEvaluatedWhenItIsToldTo() {
    Sequencer run =
        new Sequencer(
            new RunPlan(BATCH, UNIT_IMAGES, 10 * BATCH, 0, true, 1000),
            schedule(List.of(100L), 0),
            EPOCH,
            0,
            0);
    run.admit("a", 1);

    assertThat(versionsWhere(run, Decision::checkpoint)).containsExactly(2L, 10L);
  }

  @Test
  void shouldSaveAgainWhenItIsStoppedAtAVersionWhoseCheckpointFailed() {
    Sequencer saving = sequencer(10 * BATCH, BATCH, schedule(List.of(), 0));
    applyUpdate(saving);
    saving.saveFailed(1);

    assertThat(saving.stop()).isTrue();
  }

  private PushId accept(long unit) {
    Push push = push(unit, sequencer.version());
    assertThat(judge(push)).isEqualTo(Verdict.ACCEPTED);
    return push.id;
  }

  private Verdict judge(Push push) {
    return sequencer.judge(push.staged());
  }

  private Decision applyUpdate(Sequencer run) {
    long version = run.version();
    for (int unit = 0; unit < UNITS; unit++) {
      run.judge(push(version * UNITS + unit, version).staged());
    }
    return run.decide().orElseThrow().decision();
  }

  private List<Long> versionsWhere(Sequencer run, Predicate<Decision> condition) {
    List<Long> versions = new ArrayList<>();
    while (!run.isOver()) {
      Decision decision = applyUpdate(run);
      if (condition.test(decision)) {
        versions.add(decision.version());
      }
    }
    return versions;
  }

  private static Sequencer sequencer(
      long totalImages, long checkpointEveryImages, EvaluationSchedule schedule) {
    Sequencer sequencer =
        new Sequencer(plan(totalImages, checkpointEveryImages), schedule, EPOCH, 0, 0);
    sequencer.admit("a", 1);
    sequencer.admit("b", 1);
    return sequencer;
  }

  private static RunPlan plan(long totalImages, long checkpointEveryImages) {
    return new RunPlan(BATCH, UNIT_IMAGES, totalImages, checkpointEveryImages, false, 1000);
  }

  private static EvaluationSchedule schedule(List<Long> atImages, long everyImages) {
    return Schedules.of(Schedules.entry("all", atImages, everyImages, List.of(1), "ema"));
  }

  private Push push(long unit, long baseVersion) {
    return new Push(unit, baseVersion, new PushId("a", 1, ++rounds));
  }

  private static final class Push {
    private final long unit;
    private final long baseVersion;
    private PushId id;
    private long epoch = EPOCH;
    private int images = UNIT_IMAGES;
    private double loss;
    private String notFinite = "";

    Push(long unit, long baseVersion, PushId id) {
      this.unit = unit;
      this.baseVersion = baseVersion;
      this.id = id;
    }

    Push by(String trainer, long incarnation) {
      id = new PushId(trainer, incarnation, id.round());
      return this;
    }

    Push epoch(long other) {
      epoch = other;
      return this;
    }

    Push images(int other) {
      images = other;
      return this;
    }

    Push loss(double other) {
      loss = other;
      return this;
    }

    Push notFinite(String tensor) {
      notFinite = tensor;
      return this;
    }

    Staged staged() {
      return new Staged(
          id, epoch, unit, baseVersion, images, new UnitReport(loss, 0, 0, 0, 1, 1, 0), notFinite);
    }
  }
}
