package org.fewstep.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Local steps and the outer step that takes them in. */
class LocalTrainingTest {
  private static final Offset<Float> TIGHT = within(1e-6f);

  /**
   * Closed form: under a constant difference g, momentum after k moves is g (1 - b^k) / (1 - b),
   * and the parameters have moved by rate * (steps * g / N + b * sum of these momenta).
   */
  @Test
  void shouldFollowTheClosedFormWhenTheDifferenceIsConstant() {
    double rate = 0.7;
    double b = 0.9;
    for (int delay : new int[] {1, 2, 3}) {
      DelayedNesterov outer = new DelayedNesterov(1, rate, b, delay);
      float[] p = {5};
      float[] g = {0.25f};
      int steps = 12;
      for (int i = 0; i < steps; i++) {
        outer.step(p, g, 1);
      }

      double momenta = 0;
      for (int k = 1; k <= steps / delay; k++) {
        momenta += 0.25 * (1 - Math.pow(b, k)) / (1 - b);
      }
      double expected = 5 - rate * (steps * 0.25 / delay + b * momenta);
      assertThat(p[0]).isCloseTo((float) expected, TIGHT);
    }
  }

  @Test
  void shouldLeaveWhatIsNotTrainedWhenATrainerTakesStepsOfItsOwn() {
    LocalSteps steps =
        new LocalSteps(
            Optimizers.adamW(3, 0.9, 0.99, 1e-8, 0.1),
            LearningRate.constant(0.1),
            false,
            List.of(new ParameterSet.Range(1, 1)));
    steps.begin(new float[] {1, 2, 3}, 0);

    steps.step(new float[] {1, 1, 1}, 4);

    assertThat(steps.difference()[0]).isPositive();
    assertThat(steps.difference()[1]).isZero();
    assertThat(steps.difference()[2]).isPositive();
  }

  /** Algorithm 3 of Liu et al. 2024, two trainers, by hand. */
  @Test
  void shouldMoveTheMomentumEverySecondStepWhenTheDelayIsTwo() {
    DelayedNesterov outer = new DelayedNesterov(1, 0.5, 0.8, 2);
    float[] p = {1};

    outer.step(p, new float[] {0.4f}, 1);
    assertThat(p[0]).isCloseTo(1 - 0.5f * 0.2f, TIGHT);
    outer.step(p, new float[] {0.2f}, 1);
    // m = (0.4 + 0.2) / 2 = 0.3
    assertThat(p[0]).isCloseTo(0.9f - 0.5f * (0.8f * 0.3f + 0.1f), TIGHT);
    outer.step(p, new float[] {1f}, 0.5);
    assertThat(p[0]).isCloseTo(0.73f - 0.5f * 0.25f, TIGHT);
    outer.step(p, new float[] {0.1f}, 1);
    // m = 0.8 * 0.3 + (0.5 + 0.1) / 2 = 0.54
    assertThat(p[0]).isCloseTo(0.605f - 0.5f * (0.8f * 0.54f + 0.05f), TIGHT);
    assertThat(outer.steps()).isEqualTo(4);
  }

  @Test
  void shouldGoOnAlikeWhenItsStateIsRestored() {
    DelayedNesterov one = new DelayedNesterov(2, 0.7, 0.9, 2);
    float[] p = {1, 2};
    for (int i = 0; i < 3; i++) {
      one.step(p, new float[] {0.1f, -0.2f}, 1);
    }
    DelayedNesterov other = new DelayedNesterov(2, 0.7, 0.9, 2);
    other.restore(one.steps(), one.state());
    float[] q = p.clone();

    one.step(p, new float[] {0.3f, 0.4f}, 1);
    other.step(q, new float[] {0.3f, 0.4f}, 1);

    assertThat(q).isEqualTo(p);
    assertThatThrownBy(() -> other.restore(1, Map.of("exp_avg", new float[2])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** However parameters moved, through zero or by many powers of two. */
  @Property(tries = 200)
  void shouldArriveExactlyWhereLocalStepsLedWhenTheOuterStepTakesThemOver(@ForAll long seed) {
    Random random = new Random(seed);
    int size = 64;
    float[] base = new float[size];
    float[] target = new float[size];
    for (int i = 0; i < size; i++) {
      base[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(9) - 6));
      target[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(9) - 6));
    }
    LocalSteps steps = new LocalSteps(new Jump(target), LearningRate.constant(1), true);
    steps.begin(base, 0);
    steps.step(new float[size], 4);
    float[] difference = steps.difference();
    ParameterSet set =
        new ParameterSet(
            "model", base, new DelayedNesterov(size, 1, 0, 1), List.of(), LearningRate.constant(1));

    set.applyDifference(Arrays.copyOf(difference, size), LocalSteps.rest(difference, size), 4, 1);

    assertThat(set.parameters()).isEqualTo(target);
  }

  @Test
  void shouldUseTheLearningRateOfTheImagesSeenWhenItSteps() {
    LocalSteps steps =
        new LocalSteps(Optimizers.adam(1, 0, 0, 1e-8, 0), new LearningRate(1, 10, 0, 100), false);
    steps.begin(new float[] {0}, 5);

    steps.step(new float[] {1}, 5);
    assertThat(steps.parameters()[0]).isCloseTo(-0.5f, TIGHT);
    steps.step(new float[] {1}, 5);

    assertThat(steps.difference()).hasSize(1);
    assertThat(steps.difference()[0]).isCloseTo(1.5f, TIGHT);
  }

  /** EMA-1 under differences, and nothing of what is not finite. */
  @Test
  void shouldAdvanceTracksExactlyWhenADifferenceIsApplied() {
    float[] initial = {1, 2};
    EmaTrack expected = new EmaTrack("ema", 8, 0, initial);
    ParameterSet set =
        new ParameterSet(
            "model",
            initial,
            new DelayedNesterov(2, 1, 0, 1),
            List.of(new EmaTrack("ema", 8, 0, initial)),
            LearningRate.constant(1));

    assertThatThrownBy(() -> set.applyDifference(new float[] {1, Float.NaN}, null, 4, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(set.snapshot("ema").parameters()).isEqualTo(initial);
    set.applyDifference(new float[] {0.5f, 0.5f}, null, 12, 0.5);

    expected.advance(new float[] {0.75f, 1.75f}, 12, 12);
    assertThat(set.snapshot("ema").parameters()).isEqualTo(expected.values());
    assertThat(set.images()).isEqualTo(12);
    assertThat(set.version()).isEqualTo(1);
  }

  /** The factor shortens the step; Adam would take it out of the gradient again. */
  @Test
  void shouldScaleTheStepAndNotTheGradientWhenAnUpdateIsStale() {
    ParameterSet whole = adam();
    ParameterSet half = adam();

    whole.apply(new float[] {3}, 4, 1);
    half.apply(new float[] {3}, 4, 0.5);

    assertThat(half.parameters()[0] - 1).isCloseTo((whole.parameters()[0] - 1) / 2, TIGHT);
    assertThat(half.state().optimizerState().get("exp_avg"))
        .isEqualTo(whole.state().optimizerState().get("exp_avg"));
  }

  private static ParameterSet adam() {
    return new ParameterSet(
        "model",
        new float[] {1},
        Optimizers.adam(1, 0.9, 0.99, 1e-8, 0),
        List.of(),
        LearningRate.constant(0.1));
  }

  /** Goes to a point in one step. */
  private record Jump(float[] target) implements Optimizer {
    @Override
    public void step(float[] parameters, float[] gradient, double learningRate) {
      System.arraycopy(target, 0, parameters, 0, target.length);
    }

    @Override
    public int size() {
      return target.length;
    }

    @Override
    public long steps() {
      return 0;
    }

    @Override
    public Map<String, float[]> state() {
      return Map.of();
    }

    @Override
    public void restore(long steps, Map<String, float[]> state) {}
  }
}
