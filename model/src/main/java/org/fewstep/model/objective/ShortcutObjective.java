package org.fewstep.model.objective;

import java.util.Arrays;
import java.util.List;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.random.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * Shortcut models (Frans, Hafner, Levine, Abbeel, "One step diffusion via shortcut models", 2024):
 * steps of sizes that are the time range over powers of two. The smallest size learns the path
 * itself, every other size where two steps of half its size lead. All errors are those of the mean
 * velocity over the step.
 *
 * <p>A unit's first images bootstrap, its others learn the path. Sizes take turns over all
 * bootstrapping images of the run. Targets are constants, made without dropout by the same weights
 * or, as in the authors' code, by an average of them.
 */
public final class ShortcutObjective implements Objective {
  /**
   * What is computed.
   *
   * @param smallestSteps steps of the smallest size in the range, a power of two
   * @param bootstrapShare share of a unit's images that learn from two smaller steps
   * @param targetClip bound on the states and velocities behind targets, 0 for none
   * @param labelDropout probability that the label of an image that learns the path is withheld
   * @param seed the run's seed
   */
  public record Settings(
      double tMin,
      double tMax,
      int smallestSteps,
      double bootstrapShare,
      double targetClip,
      double labelDropout,
      long seed) {}

  private final StepModel model;
  private final TargetModel target;
  private final Settings settings;

  /** With targets of the model itself. */
  public ShortcutObjective(StepModel model, Settings settings) {
    this(model, TargetModel.live(model), settings);
  }

  public ShortcutObjective(StepModel model, TargetModel target, Settings settings) {
    this.model = model;
    this.target = target;
    this.settings = settings;
  }

  @Override
  public void loadCompanion(float[] parameters, int from) {
    target.load(parameters, from);
  }

  @Override
  public UnitStatistics evaluate(Unit unit, float[] gradient) {
    NoisedUnit noised = new NoisedUnit(unit, model, settings.seed());
    int count = unit.count();
    int ofUnit = (int) (unit.total() * settings.bootstrapShare());
    int bootstrapped = Math.max(0, Math.min(count, ofUnit - unit.first()));
    int sizes = Integer.numberOfTrailingZeros(settings.smallestSteps());
    List<Step> drawn =
        noised.draw(
            Purpose.TIME,
            1,
            (random, place) -> {
              long turn = unit.index() * ofUnit + place;
              int steps = place < ofUnit ? 1 << (int) (turn % sizes) : settings.smallestSteps();
              return new Step(1 + random.nextInt(steps), steps);
            });
    double[] t = drawn.stream().mapToDouble(step -> time(step.number(), step.of())).toArray();
    double[] s = drawn.stream().mapToDouble(step -> time(step.number() - 1, step.of())).toArray();
    double[] states = noised.at(t);
    float[] all = noised.labels();
    double[] targets = noised.at(s);
    if (bootstrapped > 0) {
      double[] twoSteps = twoSteps(states, t, s, all, bootstrapped);
      System.arraycopy(twoSteps, 0, targets, 0, twoSteps.length);
    }
    float @Nullable [] labels = noised.labels(settings.labelDropout());
    if (labels != null && all != null) {
      System.arraycopy(all, 0, labels, 0, bootstrapped * model.network().classes());
    }
    double[] y = model.apply(states, t, s, labels, null, noised.dropout());
    double sigmaData = model.settings().sigmaData();
    double[] weight = new double[count];
    Arrays.setAll(weight, i -> Math.pow((t[i] - s[i]) * sigmaData, -2));
    WeightedError error = WeightedError.of(y, targets, weight, ImageDistance.SQUARED_L2);
    model.backward(error.gradient(), gradient);
    return UnitStatistics.ofLoss(error.loss());
  }

  /** One of so many steps, counted from 1 at the data. */
  private record Step(int number, int of) {}

  private double time(int step, int steps) {
    return settings.tMin() + (settings.tMax() - settings.tMin()) * step / steps;
  }

  /** Where two steps of half the size lead the first states. */
  private double[] twoSteps(
      double[] states, double[] t, double[] s, float @Nullable [] labels, int count) {
    int size = model.shape().size();
    double[] start = Arrays.copyOf(states, count * size);
    double[] from = Arrays.copyOf(t, count);
    double[] to = Arrays.copyOf(s, count);
    double[] half = new double[count];
    Arrays.setAll(half, i -> (from[i] + to[i]) / 2);
    float @Nullable [] some =
        labels == null ? null : Arrays.copyOf(labels, count * model.network().classes());
    double[] first = target.apply(start, from, half, some, null);
    double[] middle = Arrays.stream(first).map(this::clipped).toArray();
    double[] second = target.apply(middle, half, to, some, null);
    double[] end = new double[start.length];
    for (int i = 0; i < end.length; i++) {
      double distance = from[i / size] - to[i / size];
      double velocity = ((start[i] - first[i]) + (middle[i] - second[i])) / distance;
      end[i] = start[i] - distance * clipped(velocity);
    }
    return end;
  }

  private double clipped(double value) {
    double bound = settings.targetClip();
    return bound == 0 ? value : Math.max(-bound, Math.min(bound, value));
  }
}
