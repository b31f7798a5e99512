package org.fewstep.model.objective;

import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * Inductive Moment Matching (Zhou, Ermon, Song, ICML 2025, algorithm 3).
 *
 * <p>A unit is cut into groups of M consecutive images that share (s, r, t). Each image x with its
 * noise eps gives two states on one path, {@code x_t = alpha_t x + sigma_t eps} and {@code x_r}
 * likewise; the particles f_{s,t}(x_t) are pulled by a grouped MMD towards the particles
 * f_{s,r}(x_r) of the same weights, which count as constants. Both branches drop the same elements.
 * Where the mapping reaches s at once (r = s: with a mapping exponent of 8 in more than half of the
 * groups) the target is x_s itself, and the network is not asked for it. The target is computed
 * first, because a second forward overwrites what the first one saved for backward.
 */
public final class ImmObjective implements Objective {
  /** Whether the target branch sees the dropped labels. */
  public enum TargetLabels {
    /** The target keeps its labels, as in the official code. */
    KEPT,
    /** Both branches lose the same labels. */
    DROPPED_ALIKE
  }

  /**
   * What is computed.
   *
   * @param groupSize particles in a group, M
   * @param labelDropout probability that an image's label is dropped in the model's branch
   * @param seed the run's seed
   */
  public record Settings(
      ImmTimes times, int groupSize, double labelDropout, TargetLabels targetLabels, long seed) {}

  private final StepModel model;
  private final Settings settings;

  public ImmObjective(StepModel model, Settings settings) {
    this.model = model;
    this.settings = settings;
  }

  @Override
  public UnitStatistics evaluate(Unit unit, float[] gradient) {
    Branches branches = branches(unit);
    GroupedMmd.Result result = loss(branches);
    model.backward(result.gradient(), gradient);
    return new UnitStatistics(
        result.loss(), result.modelKernel(), result.targetKernel(), result.crossKernel());
  }

  /** The loss and its gradient with respect to f_{s,t}(x_t), which is the model's last apply. */
  public GroupedMmd.Result evaluateOutput(Unit unit) {
    return loss(branches(unit));
  }

  /**
   * Both branches' states of a unit.
   *
   * @param perImage the group's times, once for each image
   */
  private record Branches(
      double[] stateT,
      double[] stateR,
      ImmTimes.Triple[] perImage,
      float @Nullable [] labels,
      float @Nullable [] targetLabels,
      DropoutKey dropout) {}

  private Branches branches(Unit unit) {
    int count = unit.count();
    if (count % settings.groupSize() != 0) {
      throw new IllegalArgumentException(
          "a unit of " + count + " images is not groups of " + settings.groupSize());
    }
    ImmTimes.Triple[] perImage = new ImmTimes.Triple[count];
    CounterRandom timeRandom = random(Purpose.TIME, unit);
    for (int i = 0; i < count; i++) {
      perImage[i] =
          i % settings.groupSize() == 0 ? settings.times().draw(timeRandom) : perImage[i - 1];
    }
    int size = unit.shape().size();
    double[] noise = new double[count * size];
    random(Purpose.NOISE, unit).fillGaussian(noise, 0, noise.length, model.settings().sigmaData());
    Schedule schedule = model.settings().schedule();
    double[] stateT = new double[noise.length];
    double[] stateR = new double[noise.length];
    for (int i = 0; i < count; i++) {
      ImmTimes.Triple time = perImage[i];
      mix(schedule, time.t(), unit.images(), noise, stateT, i * size, (i + 1) * size);
      mix(schedule, time.r(), unit.images(), noise, stateR, i * size, (i + 1) * size);
    }
    float[] labels = oneHot(unit);
    float[] dropped = labels == null ? null : dropLabels(labels, unit);
    float[] targetLabels = settings.targetLabels() == TargetLabels.DROPPED_ALIKE ? dropped : labels;
    return new Branches(
        stateT,
        stateR,
        perImage,
        dropped,
        targetLabels,
        new DropoutKey(settings.seed(), unit.index()));
  }

  private GroupedMmd.Result loss(Branches b) {
    int count = b.perImage.length;
    double[] s = new double[count];
    double[] r = new double[count];
    double[] t = new double[count];
    for (int i = 0; i < count; i++) {
      s[i] = b.perImage[i].s();
      r[i] = b.perImage[i].r();
      t[i] = b.perImage[i].t();
    }
    double[] target = model.applyConstant(b.stateR, r, s, b.targetLabels, b.dropout);
    double[] particles = model.apply(b.stateT, t, s, b.labels, null, b.dropout);
    int groups = count / settings.groupSize();
    double[] inverseBandwidth = new double[groups];
    double[] weight = new double[groups];
    for (int g = 0; g < groups; g++) {
      ImmTimes.Triple time = b.perImage[g * settings.groupSize()];
      inverseBandwidth[g] = settings.times().inverseBandwidth(time.s(), time.t());
      weight[g] = settings.times().weight(time.t());
    }
    return new GroupedMmd(settings.groupSize(), model.shape().size())
        .evaluate(particles, target, inverseBandwidth, weight);
  }

  private static void mix(
      Schedule schedule,
      double time,
      double[] images,
      double[] noise,
      double[] state,
      int from,
      int to) {
    double alpha = schedule.alpha(time);
    double sigma = schedule.sigma(time);
    for (int d = from; d < to; d++) {
      state[d] = alpha * images[d] + sigma * noise[d];
    }
  }

  private float @Nullable [] oneHot(Unit unit) {
    int classes = model.network().classes();
    if (classes == 0) {
      return null;
    }
    float[] rows = new float[unit.count() * classes];
    for (int i = 0; i < unit.count(); i++) {
      if (unit.labels()[i] >= 0) {
        rows[i * classes + unit.labels()[i]] = 1;
      }
    }
    return rows;
  }

  private float[] dropLabels(float[] labels, Unit unit) {
    int classes = model.network().classes();
    float[] kept = labels.clone();
    CounterRandom random = random(Purpose.LABEL_DROP, unit);
    for (int i = 0; i < unit.count(); i++) {
      if (random.nextDouble() < settings.labelDropout()) {
        java.util.Arrays.fill(kept, i * classes, (i + 1) * classes, 0);
      }
    }
    return kept;
  }

  private CounterRandom random(Purpose purpose, Unit unit) {
    return CounterRandom.of(settings.seed(), purpose, unit.index());
  }
}
