package org.fewstep.model.objective;

import java.util.List;
import org.fewstep.model.data.Unit;
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
   * @param kernel what compares two particles
   * @param groupSize particles in a group, M
   * @param stratifiedTimes whether the groups of a unit share the range of times out among
   *     themselves
   * @param labelDropout probability that an image's label is dropped in the model's branch
   * @param seed the run's seed
   */
  public record Settings(
      ImmTimes times,
      Kernel kernel,
      int groupSize,
      boolean stratifiedTimes,
      double labelDropout,
      TargetLabels targetLabels,
      long seed) {
    /** With Laplace's kernel and independent times. */
    public Settings(
        ImmTimes times, int groupSize, double labelDropout, TargetLabels targetLabels, long seed) {
      this(times, Kernel.LAPLACE, groupSize, false, labelDropout, targetLabels, seed);
    }
  }

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
   * What both branches begin with.
   *
   * @param perImage the group's times, once for each image
   */
  private record Branches(
      NoisedUnit noised,
      List<ImmTimes.Triple> perImage,
      float @Nullable [] labels,
      float @Nullable [] targetLabels) {}

  private Branches branches(Unit unit) {
    NoisedUnit noised = new NoisedUnit(unit, model, settings.seed());
    List<ImmTimes.Triple> perImage =
        noised.draw(
            Purpose.TIME,
            settings.groupSize(),
            (random, place) -> times(random, place / settings.groupSize(), noised));
    float @Nullable [] dropped = noised.labels(settings.labelDropout());
    return new Branches(
        noised,
        perImage,
        dropped,
        settings.targetLabels() == TargetLabels.DROPPED_ALIKE ? dropped : noised.labels());
  }

  private ImmTimes.Triple times(CounterRandom random, int group, NoisedUnit noised) {
    return settings.stratifiedTimes()
        ? settings
            .times()
            .drawStratified(random, group, noised.total() / settings.groupSize(), noised.index())
        : settings.times().draw(random);
  }

  private GroupedMmd.Result loss(Branches b) {
    double[] s = b.perImage.stream().mapToDouble(ImmTimes.Triple::s).toArray();
    double[] r = b.perImage.stream().mapToDouble(ImmTimes.Triple::r).toArray();
    double[] t = b.perImage.stream().mapToDouble(ImmTimes.Triple::t).toArray();
    DropoutKey dropout = b.noised.dropout();
    double[] target = model.applyConstant(b.noised.at(r), r, s, b.targetLabels, dropout);
    double[] particles = model.apply(b.noised.at(t), t, s, b.labels, null, dropout);
    int groups = t.length / settings.groupSize();
    double[] inverseBandwidth = new double[groups];
    double[] weight = new double[groups];
    for (int g = 0; g < groups; g++) {
      ImmTimes.Triple time = b.perImage.get(g * settings.groupSize());
      inverseBandwidth[g] = settings.times().inverseBandwidth(time.s(), time.t());
      weight[g] = settings.times().weight(time.t());
    }
    return new GroupedMmd(settings.kernel(), settings.groupSize(), model.shape().size())
        .evaluate(particles, target, inverseBandwidth, weight);
  }
}
