package org.fewstep.model.objective;

import java.util.Arrays;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.random.Purpose;

/**
 * Regression of the data from one noisy state, each image at a time of its own: flow matching,
 * diffusion in all its predictions and EDM are this, and differ in how times are drawn and in what
 * the squared error is taken of.
 *
 * <p>The network is told one time. What samplers use of it is the mean of the data, f_{0,t}.
 */
public final class DenoisingObjective implements Objective {
  /**
   * What is computed.
   *
   * @param labelDropout probability that an image's label is withheld
   * @param seed the run's seed
   */
  public record Settings(TimeLaw times, DenoisingWeight weight, double labelDropout, long seed) {}

  private final StepModel model;
  private final Settings settings;

  public DenoisingObjective(StepModel model, Settings settings) {
    this.model = model;
    this.settings = settings;
  }

  @Override
  public UnitStatistics evaluate(Unit unit, float[] gradient) {
    NoisedUnit noised = new NoisedUnit(unit, model, settings.seed());
    double[] t = noised.draw(Purpose.TIME, settings.times()::draw);
    double[] zero = new double[t.length];
    float[] labels = noised.labels(settings.labelDropout());
    double[] x = model.apply(noised.at(t), t, zero, labels, null, noised.dropout());
    double[] weight = new double[t.length];
    Arrays.setAll(weight, i -> settings.weight().at(model.settings(), t[i]));
    WeightedError error = WeightedError.of(x, unit.images(), weight, ImageDistance.SQUARED_L2);
    model.backward(error.gradient(), gradient);
    return UnitStatistics.ofLoss(error.loss());
  }
}
