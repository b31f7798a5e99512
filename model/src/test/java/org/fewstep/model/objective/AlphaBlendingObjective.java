package org.fewstep.model.objective;

import java.util.Arrays;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.random.Purpose;

/**
 * Iterative alpha-(de)blending (Heitz, Belcour, Chambon, SIGGRAPH 2023): images and noise are
 * blended linearly, and the network learns their difference, summed over pixels. For the schedule
 * flow and a network with one time.
 */
public final class AlphaBlendingObjective implements Objective {
  private final StepModel model;
  private final double labelDropout;
  private final long seed;

  public AlphaBlendingObjective(StepModel model, double labelDropout, long seed) {
    this.model = model;
    this.labelDropout = labelDropout;
    this.seed = seed;
  }

  @Override
  public UnitStatistics evaluate(Unit unit, float[] gradient) {
    // Everything random comes from (seed, purpose, index of the unit): whoever computes it, and
    // when.
    NoisedUnit noised = new NoisedUnit(unit, model, seed);
    double[] t = noised.draw(Purpose.TIME, random -> 1 - random.nextDouble());

    // f_{0,t}(x_t) is the image that the network finds in the blend, and (x_t - image) / t is then
    // noise less image: an error of the image is one of the difference, divided by t.
    double[] zero = new double[t.length];
    float[] labels = noised.labels(labelDropout);
    double[] image = model.apply(noised.at(t), t, zero, labels, null, noised.dropout());
    double size = unit.shape().size();
    double[] weight = Arrays.stream(t).map(time -> size / (time * time)).toArray();
    WeightedError error = WeightedError.of(image, unit.images(), weight, ImageDistance.SQUARED_L2);

    // A target from the network itself would have to be computed before: backward belongs to the
    // last apply.
    model.backward(error.gradient(), gradient);
    return UnitStatistics.ofLoss(error.loss());
  }
}
