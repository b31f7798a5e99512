package org.fewstep.model.objective;

import java.util.Arrays;
import java.util.List;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.random.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * Consistency training (Song et al. 2023; Song, Dhariwal 2024; Geng et al. 2025): the map from a
 * state to the smallest time is pulled towards what it gives for the same image and noise at a
 * smaller time. The target, a constant, is made with the same dropout masks and labels, and by the
 * same weights, as iCT found best, or by an average of them, as in CT's first version.
 *
 * <p>It is Inductive Moment Matching of single particles whose steps end at the smallest time
 * (Zhou, Ermon, Song 2025, lemma 1).
 */
public final class ConsistencyObjective implements Objective {
  /** Factor on the distance of a pair. */
  @FunctionalInterface
  public interface PairWeight {
    double at(TimePairs.Pair pair);
  }

  /**
   * What is computed.
   *
   * @param tMin where the map ends
   * @param labelDropout probability that an image's label is withheld
   * @param images length of the run, which the pairs' progress is measured in
   * @param seed the run's seed
   */
  public record Settings(
      TimePairs pairs,
      ImageDistance distance,
      PairWeight weight,
      double tMin,
      double labelDropout,
      long images,
      long seed) {}

  private final StepModel model;
  private final TargetModel target;
  private final Settings settings;

  /** With targets of the model itself. */
  public ConsistencyObjective(StepModel model, Settings settings) {
    this(model, TargetModel.live(model), settings);
  }

  public ConsistencyObjective(StepModel model, TargetModel target, Settings settings) {
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
    double progress = Math.min(1, (double) unit.index() * unit.total() / settings.images());
    List<TimePairs.Pair> pairs =
        noised.draw(Purpose.TIME, 1, (random, place) -> settings.pairs().draw(random, progress));
    double[] t = pairs.stream().mapToDouble(TimePairs.Pair::t).toArray();
    double[] r = pairs.stream().mapToDouble(TimePairs.Pair::r).toArray();
    double[] weight = pairs.stream().mapToDouble(settings.weight()::at).toArray();
    double[] end = new double[t.length];
    Arrays.fill(end, settings.tMin());
    float @Nullable [] labels = noised.labels(settings.labelDropout());
    DropoutKey dropout = noised.dropout();
    double[] wanted = target.apply(noised.at(r), r, end, labels, dropout);
    double[] image = model.apply(noised.at(t), t, end, labels, null, dropout);
    WeightedError error = WeightedError.of(image, wanted, weight, settings.distance());
    model.backward(error.gradient(), gradient);
    return UnitStatistics.ofLoss(error.loss());
  }
}
