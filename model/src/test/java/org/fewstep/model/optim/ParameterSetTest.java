package org.fewstep.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.fewstep.model.optim.ParameterSet.State;
import org.junit.jupiter.api.Test;

class ParameterSetTest {
  private static final int SIZE = 5;

  @Property(tries = 20)
  void shouldLeaveWhatIsNotTrained(@ForAll long seed) {
    float[] initial = gaussian(new Random(seed));
    ParameterSet set =
        new ParameterSet(
            "model",
            initial,
            Optimizers.adamW(SIZE, 0.9, 0.999, 1e-8, 0.1),
            List.of(new EmaTrack("ema", 100, 0, initial)),
            new LearningRate(0.01, 0, 0, 1000),
            List.of(new ParameterSet.Range(1, 2)));
    set.apply(gaussian(new Random(seed + 1)), 16);

    for (float[] after :
        List.of(set.state().parameters(), set.state().tracks().get("ema"), set.published(2))) {
      for (int i = 0; i < SIZE; i++) {
        assertThat(after[i] == initial[i]).as("element " + i).isEqualTo(i == 1 || i == 2);
      }
    }
  }

  /** What is published for a later update is only told: the set itself stays where it is. */
  @Test
  void shouldPublishWhereItsMomentumLeadsWithoutGoingThere() {
    ParameterSet set = create(3);
    set.apply(gaussian(new Random(4)), 16);
    State before = set.state();

    float[] published = set.published(1);

    assertThat(set.state()).usingRecursiveComparison().isEqualTo(before);
    assertThat(set.published(0)).isEqualTo(before.parameters());
    Optimizer optimizer = Optimizers.radam(SIZE, 0.9, 0.999, 1e-8, 0);
    optimizer.restore(before.optimizerSteps(), before.optimizerState());
    assertThat(published)
        .isEqualTo(optimizer.predict(before.parameters(), set.nextLearningRate(), 1))
        .isNotEqualTo(before.parameters());
  }

  /** Good and bad pushes in any order: the set moves by the good ones alone, tracks included. */
  @Property(tries = 100)
  void shouldKeepEma1WhateverIsPushed(
      @ForAll @Size(max = 12) List<@IntRange(min = -2, max = 3) Integer> pushes,
      @ForAll @IntRange(min = 0, max = SIZE - 1) int position,
      @ForAll long seed) {
    ParameterSet tried = create(seed);
    ParameterSet spared = create(seed);
    float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
    Random random = new Random(seed);
    long images = 0;
    long version = 0;
    for (int push : pushes) {
      float[] gradient = gaussian(random);
      if (push <= 0) {
        gradient[position] = bad[-push];
        assertThatThrownBy(() -> tried.apply(gradient, 8))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("'model'")
            .hasMessageContaining("position " + position);
      } else {
        tried.apply(gradient, 8L * push);
        spared.apply(gradient, 8L * push);
        images += 8L * push;
        version++;
      }
    }
    assertThat(tried.version()).isEqualTo(version);
    assertThat(tried.images()).isEqualTo(images);
    assertThat(tried.state()).usingRecursiveComparison().isEqualTo(spared.state());
  }

  @Property(tries = 50)
  void shouldGoOnFromAStateToTheBit(
      @ForAll @IntRange(min = 0, max = 10) int before,
      @ForAll @IntRange(min = 0, max = 10) int after,
      @ForAll long seed) {
    Random random = new Random(seed);
    ParameterSet straight = create(seed);
    for (int i = 0; i < before; i++) {
      straight.apply(gaussian(random), 16);
    }
    ParameterSet resumed = create(seed + 1);
    resumed.restore(straight.state());
    for (int i = 0; i < after; i++) {
      float[] gradient = gaussian(random);
      straight.apply(gradient, 16);
      resumed.apply(gradient, 16);
    }
    assertThat(resumed.state()).usingRecursiveComparison().isEqualTo(straight.state());
  }

  @Test
  void shouldBeTheSumOfItsParts() {
    float[] initial = {1, 2, 3, 4, 5};
    ParameterSet set = create(initial);
    Optimizer optimizer = Optimizers.radam(SIZE, 0.9, 0.999, 1e-8, 0);
    EmaTrack fast = new EmaTrack("fast", 10, 0, initial);
    LearningRate rate = new LearningRate(0.1, 100, 0, 0);
    float[] expected = initial.clone();
    Random random = new Random(7);
    for (int i = 0; i < 10; i++) {
      float[] gradient = gaussian(random);
      set.apply(gradient, 16);
      optimizer.step(expected, gradient, rate.at(16L * i));
      fast.advance(expected, 16L * (i + 1), 16);
    }
    assertThat(set.snapshot().parameters()).isEqualTo(expected);
    assertThat(set.snapshot("fast").parameters()).isEqualTo(fast.values());
    assertThat(set.nextLearningRate()).isEqualTo(0.1);
    assertThat(set.trackNames()).containsExactly("fast", "slow");
  }

  /** Either of the pair moves as it would alone, its tracks with it, on the clock of both. */
  @Test
  void shouldMoveItsCompanionAtEvenVersionsAndItselfAtOddOnes() {
    float[] initial = {1, 2, 3, 4, 5};
    ParameterSet pair = pair(initial);
    ParameterSet student = create(initial);
    ParameterSet auxiliary = plain("auxiliary", new float[] {5, 4, 3, 2, 1});
    Random random = new Random(7);
    for (int i = 0; i < 9; i++) {
      if (i == 4) { // an update that is left out is somebody's turn all the same
        for (ParameterSet set : List.of(pair, student, auxiliary)) {
          set.leaveOut(16);
        }
        continue;
      }
      float[] gradient = gaussian(random);
      pair.apply(gradient, 16);
      (i % 2 == 0 ? auxiliary : student).apply(gradient, 16);
      (i % 2 == 0 ? student : auxiliary).leaveOut(16);
    }
    State state = pair.state();

    assertThat(state.companion()).usingRecursiveComparison().isEqualTo(auxiliary.state());
    assertThat(state)
        .usingRecursiveComparison()
        .ignoringFields("companion")
        .isEqualTo(student.state());
    assertThat(pair.published(0)).startsWith(student.parameters()).endsWith(auxiliary.parameters());
    assertThat(pair.published(0)).hasSize(2 * SIZE);

    ParameterSet resumed = pair(new float[SIZE]);
    resumed.restore(state);
    for (ParameterSet set : List.of(pair, resumed)) {
      set.apply(gaussian(new Random(1)), 16);
      set.apply(gaussian(new Random(2)), 16);
    }
    assertThat(resumed.state()).usingRecursiveComparison().isEqualTo(pair.state());
    assertThat(pair.state().companion()).usingRecursiveComparison().isNotEqualTo(state.companion());
  }

  @Test
  void shouldPublishATracksAverageBehindTheParameters() {
    ParameterSet set = create(new float[] {1, 2, 3, 4, 5});
    assertThat(set.published(0)).isEqualTo(set.parameters());
    set.publishWith("slow");
    set.apply(gaussian(new Random(1)), 16);

    assertThat(set.published(0))
        .hasSize(2 * SIZE)
        .startsWith(set.parameters())
        .endsWith(set.snapshot("slow").parameters());
    assertThatThrownBy(() -> set.publishWith("none")).hasMessageContaining("no track 'none'");
    assertThatThrownBy(() -> pair(new float[SIZE]).publishWith("slow"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldRefuseStatesOfAnotherCompanionAndChangeNothing() {
    ParameterSet pair = pair(new float[] {1, 2, 3, 4, 5});
    pair.apply(gaussian(new Random(1)), 16);
    State good = pair.state();
    State alone = create(new float[SIZE]).state();
    State badOptimizer =
        new State(
            9,
            9,
            new float[SIZE],
            9,
            Map.of(),
            good.tracks(),
            List.of(),
            List.of(),
            plain("auxiliary", new float[SIZE]).state());

    for (State refused : List.of(alone, badOptimizer)) {
      assertThatThrownBy(() -> pair.restore(refused)).isInstanceOf(IllegalArgumentException.class);
      assertThat(pair.state()).usingRecursiveComparison().isEqualTo(good);
    }
    assertThatThrownBy(() -> create(new float[SIZE]).restore(good))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ParameterSet pair(float[] initial) {
    return new ParameterSet(
        "model",
        initial,
        Optimizers.radam(SIZE, 0.9, 0.999, 1e-8, 0),
        List.of(new EmaTrack("fast", 10, 0, initial), new EmaTrack("slow", 1000, 0.05, initial)),
        new LearningRate(0.1, 100, 0, 0),
        List.of(),
        plain("auxiliary", new float[] {5, 4, 3, 2, 1}));
  }

  private static ParameterSet plain(String name, float[] initial) {
    return new ParameterSet(
        name,
        initial,
        Optimizers.radam(SIZE, 0.9, 0.999, 1e-8, 0),
        List.of(),
        new LearningRate(0.1, 100, 0, 0));
  }

  @Test
  void shouldHandOutSnapshotsThatNothingChanges() {
    ParameterSet set = create(new float[] {1, 2, 3, 4, 5});
    set.apply(gaussian(new Random(1)), 16);
    set.apply(gaussian(new Random(1)), 16);
    Snapshot live = set.snapshot();
    Snapshot average = set.snapshot("slow");
    float[] liveThen = live.parameters();
    float[] averageThen = average.parameters();
    live.parameters()[0] = 99;
    set.apply(gaussian(new Random(2)), 16);
    assertThat(live.parameters()).isEqualTo(liveThen);
    assertThat(average.parameters()).isEqualTo(averageThen);
    assertThat(set.snapshot().parameters()).isNotEqualTo(liveThen);
    assertThat(live.version()).isEqualTo(2);
    assertThat(live.images()).isEqualTo(32);
    assertThat(live.track()).isEqualTo(Snapshot.LIVE);
    assertThat(average.track()).isEqualTo("slow");
    assertThat(average.set()).isEqualTo("model");
    float[] part = new float[4];
    live.copyTo(1, part, 2, 2);
    assertThat(part).containsExactly(0, 0, liveThen[1], liveThen[2]);
  }

  @Test
  void shouldKeepItsTracksToItself() {
    float[] initial = new float[SIZE];
    EmaTrack outside = new EmaTrack("t", 10, 0, initial);
    ParameterSet set =
        new ParameterSet(
            "model",
            initial,
            Optimizers.adam(SIZE, 0.9, 0.999, 1e-8, 0),
            List.of(outside),
            LearningRate.constant(0.1));
    outside.advance(new float[] {9, 9, 9, 9, 9}, 100, 100);
    assertThat(set.snapshot("t").parameters()).containsOnly(0);
  }

  @Test
  void shouldRefuseStatesOfOtherSetsAndChangeNothing() {
    ParameterSet set = create(new float[] {1, 2, 3, 4, 5});
    set.apply(gaussian(new Random(1)), 16);
    State good = set.state();
    Map<String, float[]> otherTracks = new LinkedHashMap<>(good.tracks());
    otherTracks.put("fast", new float[SIZE + 1]);
    Map<String, float[]> lessTracks = Map.of("fast", new float[SIZE]);
    Map<String, float[]> state = good.optimizerState();
    List<State> bad =
        List.of(
            new State(9, 9, new float[SIZE + 1], 9, state, good.tracks()),
            new State(9, 9, new float[SIZE], 9, Map.of(), good.tracks()),
            new State(9, 9, new float[SIZE], 9, state, otherTracks),
            new State(9, 9, new float[SIZE], 9, state, lessTracks),
            new State(-1, 9, new float[SIZE], 9, state, good.tracks()),
            new State(9, 9, new float[SIZE], -9, state, good.tracks()));
    for (State refused : bad) {
      assertThatThrownBy(() -> set.restore(refused)).isInstanceOf(IllegalArgumentException.class);
      assertThat(set.state()).usingRecursiveComparison().isEqualTo(good);
    }
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    ParameterSet set = create(new float[SIZE]);
    assertThatThrownBy(() -> set.apply(new float[SIZE - 1], 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> set.apply(new float[SIZE], 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> set.snapshot("none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fast");
    assertThat(set.version()).isZero();
    EmaTrack track = new EmaTrack("t", 1, 0, new float[SIZE]);
    EmaTrack live = new EmaTrack(Snapshot.LIVE, 1, 0, new float[SIZE]);
    for (List<EmaTrack> tracks : List.of(List.of(track, track), List.of(live))) {
      assertThatThrownBy(
              () ->
                  new ParameterSet(
                      "model",
                      new float[SIZE],
                      Optimizers.adam(SIZE, 0.9, 0.999, 1e-8, 0),
                      tracks,
                      LearningRate.constant(1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static ParameterSet create(long seed) {
    return create(gaussian(new Random(seed)));
  }

  private static ParameterSet create(float[] initial) {
    return new ParameterSet(
        "model",
        initial,
        Optimizers.radam(SIZE, 0.9, 0.999, 1e-8, 0),
        List.of(new EmaTrack("fast", 10, 0, initial), new EmaTrack("slow", 1000, 0.05, initial)),
        new LearningRate(0.1, 100, 0, 0));
  }

  private static float[] gaussian(Random random) {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
