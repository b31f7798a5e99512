package org.fewstep.actors.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ServerMessage.Blend;
import org.fewstep.protocol.ServerMessage.Decision;
import org.fewstep.protocol.ServerMessage.Effect;
import org.fewstep.protocol.UnitReport;
import org.fewstep.protocol.Verdict;
import org.junit.jupiter.api.Test;

/** The sequencer under the rules that take pushes as they come. */
class FreeSequencerTest {
  private static final int UNITS = 2;
  private static final int UNIT_IMAGES = 4;
  private static final int BATCH = UNITS * UNIT_IMAGES;
  private static final EvaluationSchedule NO_EVALUATION =
      new EvaluationSchedule(1, false, List.of());
  private static final UpdateRule BOUNDED =
      new UpdateRule.BoundedStaleness(2, new StalenessWeight.Inverse());
  private static final UpdateRule ROUNDS =
      new UpdateRule.LocalSteps(3, 1, 2, new StalenessWeight.None());

  private long rounds;

  @Test
  void shouldTakeUnitsInTheOrderTheyComeWhenTheyAreOfAnyVersion() {
    Sequencer sequencer = sequencer(BOUNDED, 10 * BATCH);

    PushId late = accept(sequencer, 5, 0);
    PushId early = accept(sequencer, 1, 0);
    Sequencer.Update first = sequencer.decide().orElseThrow();
    accept(sequencer, 0, 0);
    accept(sequencer, 2, 1);
    Sequencer.Update second = sequencer.decide().orElseThrow();

    assertThat(first.decision().pushes()).containsExactly(late, early);
    assertThat(first.decision().blend()).isEqualTo(Blend.EVEN);
    assertThat(first.decision().images()).isEqualTo(BATCH);
    assertThat(first.decision().unitsAhead()).containsExactly(1L, 2L, 5L, 6L);
    assertThat(second.staleness()).containsExactly(1L, 0L);
    assertThat(second.decision().unitsAhead()).containsExactly(5L, 6L);
  }

  /** Weights and the factor on the step are those of the formula in {@link FreeUpdates}. */
  @Test
  void shouldWeighPushesByImagesAndStalenessWhenTheyDiffer() {
    Sequencer sequencer =
        sequencer(
            new UpdateRule.BoundedStaleness(5, new StalenessWeight.Exponential(0.3)), 10 * BATCH);
    for (int unit = 0; unit < 6; unit++) {
      accept(sequencer, unit, 0);
      sequencer.decide();
    }
    assertThat(sequencer.version()).isEqualTo(3);

    accept(sequencer, 6, 3);
    accept(sequencer, 7, 1);
    Blend blend = sequencer.decide().orElseThrow().decision().blend();

    double stale = Math.exp(-0.6);
    assertThat(blend.weights()).containsExactly(UNIT_IMAGES * 1.0, UNIT_IMAGES * stale);
    assertThat(blend.factor()).isCloseTo((1 + stale) / 2, within(1e-15));
  }

  @Test
  void shouldFollowTheFormulasOfStalenessWeights() {
    assertThat(new StalenessWeight.None().at(7)).isEqualTo(1);
    assertThat(new StalenessWeight.Inverse().at(0)).isEqualTo(1);
    assertThat(new StalenessWeight.Inverse().at(1)).isEqualTo(1);
    assertThat(new StalenessWeight.Inverse().at(4)).isEqualTo(0.25);
    assertThat(new StalenessWeight.Exponential(0.5).at(0)).isEqualTo(1);
    assertThat(new StalenessWeight.Exponential(0.5).at(3)).isEqualTo(Math.exp(-1.5));
  }

  @Test
  void shouldRefuseAPushWhenTooManyVersionsHavePassed() {
    Sequencer sequencer = sequencer(BOUNDED, 10 * BATCH);
    for (int unit = 0; unit < 3 * UNITS; unit++) {
      accept(sequencer, unit, Math.max(0, sequencer.version()));
      sequencer.decide();
    }

    assertThat(sequencer.judge(push(8, 0, UNIT_IMAGES, ""))).isEqualTo(Verdict.STALE);
    assertThat(sequencer.judge(push(8, 4, UNIT_IMAGES, ""))).isEqualTo(Verdict.WRONG_UNIT);
    assertThat(sequencer.judge(push(3, 3, UNIT_IMAGES, ""))).isEqualTo(Verdict.DUPLICATE);
    assertThat(sequencer.judge(push(8, 1, UNIT_IMAGES + 1, ""))).isEqualTo(Verdict.WRONG_UNIT);
    assertThat(sequencer.judge(push(99, 1, UNIT_IMAGES, ""))).isEqualTo(Verdict.WRONG_UNIT);
    assertThat(sequencer.judge(push(8, 1, UNIT_IMAGES, "weight"))).isEqualTo(Verdict.NOT_FINITE);
    assertThat(sequencer.judge(push(8, 1, UNIT_IMAGES, ""))).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void shouldCountWholeRoundsAndASmallerLastOneWhenStepsAreLocal() {
    Sequencer sequencer = sequencer(ROUNDS, 7 * BATCH);

    assertThat(sequencer.judge(push(2, 0, 3 * BATCH, ""))).isEqualTo(Verdict.WRONG_UNIT);
    acceptPush(sequencer, push(6, 0, 3 * BATCH, ""));
    Decision first = sequencer.decide().orElseThrow().decision();
    acceptPush(sequencer, push(12, 0, BATCH, ""));
    Decision second = sequencer.decide().orElseThrow().decision();
    acceptPush(sequencer, push(0, 1, 3 * BATCH, ""));
    Decision last = sequencer.decide().orElseThrow().decision();

    assertThat(first.images()).isEqualTo(3 * BATCH);
    assertThat(second.images()).isEqualTo(4 * BATCH);
    assertThat(second.checkpoint()).isFalse();
    assertThat(second.unitsAhead()).containsExactly(6L, 14L);
    assertThat(last.images()).isEqualTo(7 * BATCH);
    assertThat(last.checkpoint()).isTrue();
    assertThat(last.unitsAhead()).isEmpty();
    assertThat(sequencer.isOver()).isTrue();
  }

  @Test
  void shouldMergeAQuorumOfRoundsByTheirImagesWhenTheLastIsSmaller() {
    Sequencer sequencer =
        sequencer(new UpdateRule.LocalSteps(2, 2, 2, new StalenessWeight.None()), 3 * BATCH);

    acceptPush(sequencer, push(4, 0, BATCH, ""));
    assertThat(sequencer.isComplete()).isFalse();
    acceptPush(sequencer, push(0, 0, 2 * BATCH, ""));

    assertThat(sequencer.decide().orElseThrow().decision().blend())
        .isEqualTo(new Blend(List.of((double) BATCH, 2.0 * BATCH), 1));
  }

  /** UNIT-1: what is passed over is never counted, what was gathered is not lost. */
  @Test
  void shouldPassOverOneUnitThenGoBackWhenUnitsCannotBeComputed() {
    Sequencer sequencer = sequencer(BOUNDED, 10 * BATCH);
    accept(sequencer, 4, 0);
    accept(sequencer, 5, 0);
    sequencer.decide();
    PushId kept = accept(sequencer, 0, 1);

    Sequencer.Update leftOut = sequencer.leaveOut(1);
    Sequencer.Update wentBack = sequencer.leaveOut(2);

    assertThat(leftOut.decision().effect()).isEqualTo(Effect.LEAVE_OUT);
    assertThat(leftOut.decision().pushes()).isEmpty();
    assertThat(leftOut.decision().images()).isEqualTo(BATCH + UNIT_IMAGES);
    assertThat(wentBack.decision().effect()).isEqualTo(Effect.GO_BACK);
    assertThat(wentBack.decision().pushes()).containsExactly(kept);
    assertThat(wentBack.again()).containsExactly(0L);
    assertThat(sequencer.judge(push(3, 2, UNIT_IMAGES, "")))
        .as("computed by what the run went back from")
        .isEqualTo(Verdict.STALE);
    accept(sequencer, 0, 3);
    assertThat(sequencer.judge(push(1, 3, UNIT_IMAGES, ""))).isEqualTo(Verdict.DUPLICATE);
  }

  /** PUSH-1 also for rounds that are long forgotten one by one. */
  @Test
  void shouldRememberThatOldRoundsWereDecidedWhenThereAreMany() {
    DecidedRounds decided = new DecidedRounds();
    for (long round = 1; round <= 5000; round += 2) {
      decided.add(new PushId("a", 1, round));
    }

    assertThat(decided.contains(new PushId("a", 1, 1))).isTrue();
    assertThat(decided.contains(new PushId("a", 1, 4999))).isTrue();
    assertThat(decided.contains(new PushId("a", 1, 4998))).isFalse();
    assertThat(decided.contains(new PushId("a", 2, 1))).isFalse();
  }

  /**
   * PUSH-1, UNIT-1 and the clock, under pushes that are doubled, delayed, swapped and lost, whose
   * trainers begin new lives, over a resume from any checkpoint.
   */
  @Property(tries = 150)
  void shouldCountEveryUnitOnceWhateverHappensToPushes(
      @ForAll long seed, @ForAll boolean local, @ForAll @IntRange(min = 1, max = 3) int quorum) {
    Random random = new Random(seed);
    UpdateRule rule =
        local ? new UpdateRule.LocalSteps(3, quorum, 2, new StalenessWeight.Inverse()) : BOUNDED;
    long total = 13 * BATCH;
    Sequencer sequencer = sequencer(rule, total);
    Map<PushId, Staged> sent = new HashMap<>();
    List<PushId> applied = new ArrayList<>();
    List<Staged> underWay = new ArrayList<>();
    TreeSet<Long> counted = new TreeSet<>();
    long images = 0;
    for (int event = 0; !sequencer.isOver(); event++) {
      Pieces pieces = sequencer.pieces();
      // In the end everything is sent to the newest version, or the run would never be over.
      long base = event > 2000 ? sequencer.version() : sequencer.version() - random.nextInt(5);
      long piece = random.nextInt((int) pieces.count());
      Staged fresh =
          staged(
              new PushId(random.nextBoolean() ? "a" : "b", 1 + random.nextInt(2), ++rounds),
              pieces.firstUnit(piece),
              Math.max(0, base),
              pieces.units(piece) * UNIT_IMAGES,
              random.nextInt(20) == 0 ? "weight" : "");
      sent.put(fresh.push(), fresh);
      underWay.add(fresh);
      Staged arrived = underWay.get(random.nextInt(underWay.size()));
      if (random.nextInt(3) > 0) {
        underWay.remove(arrived);
      }
      if (!sequencer.isComplete()) {
        sequencer.judge(arrived);
      }
      if (random.nextInt(4) == 0 && !underWay.isEmpty()) {
        underWay.remove(random.nextInt(underWay.size()));
      }
      if (sequencer.isComplete() && random.nextBoolean()) {
        Sequencer.Update update = sequencer.decide().orElseThrow();
        for (PushId push : update.decision().pushes()) {
          applied.add(push);
          Staged staged = sent.get(push);
          images += staged.images();
          for (long unit = 0; unit < staged.images() / UNIT_IMAGES; unit++) {
            assertThat(counted.add(staged.unit() + unit)).as("UNIT-1").isTrue();
          }
          assertThat(sequencer.version() - 1 - staged.baseVersion()).isBetween(0L, 2L);
        }
        assertThat(update.decision().images()).isEqualTo(images);
        if (random.nextInt(6) == 0 && !sequencer.isOver()) {
          sequencer =
              admitting(
                  new Sequencer(
                      plan(rule, total),
                      NO_EVALUATION,
                      1,
                      sequencer.version(),
                      images,
                      update.decision().unitsAhead()));
        }
      }
    }

    assertThat(applied).as("PUSH-1").doesNotHaveDuplicates();
    assertThat(counted).hasSize((int) (total / UNIT_IMAGES));
    assertThat(counted.last()).isEqualTo(total / UNIT_IMAGES - 1);
    assertThat(images).isEqualTo(total).isEqualTo(sequencer.images());
  }

  private PushId accept(Sequencer sequencer, long unit, long baseVersion) {
    return acceptPush(sequencer, push(unit, baseVersion, UNIT_IMAGES, ""));
  }

  private static PushId acceptPush(Sequencer sequencer, Staged push) {
    assertThat(sequencer.judge(push)).isEqualTo(Verdict.ACCEPTED);
    return push.push();
  }

  private Staged push(long unit, long baseVersion, int images, String notFinite) {
    return staged(new PushId("a", 1, ++rounds), unit, baseVersion, images, notFinite);
  }

  private static Staged staged(
      PushId id, long unit, long baseVersion, int images, String notFinite) {
    return new Staged(
        id, 1, unit, baseVersion, images, new UnitReport(1, 0, 0, 0, 1, 1, 0), notFinite);
  }

  private static Sequencer sequencer(UpdateRule rule, long totalImages) {
    return admitting(new Sequencer(plan(rule, totalImages), NO_EVALUATION, 1, 0, 0));
  }

  private static Sequencer admitting(Sequencer sequencer) {
    sequencer.admit("a", 2);
    sequencer.admit("b", 2);
    return sequencer;
  }

  private static RunPlan plan(UpdateRule rule, long totalImages) {
    return new RunPlan(BATCH, UNIT_IMAGES, totalImages, 0, false, 1000, rule);
  }
}
