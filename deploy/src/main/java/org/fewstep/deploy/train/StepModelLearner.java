package org.fewstep.deploy.train;

import java.util.Arrays;
import java.util.function.Function;
import org.fewstep.actors.trainer.Learner;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.TimedNetwork;
import org.fewstep.model.objective.Objective;
import org.fewstep.model.objective.UnitStatistics;

/** An objective and the step model it trains. */
final class StepModelLearner implements Learner {
  private final StepModel model;
  private final TimedNetwork network;
  private final Objective objective;

  /**
   * @param objectiveOf makes the objective of a model
   */
  StepModelLearner(StepModel untimed, Function<StepModel, Objective> objectiveOf) {
    this.network = new TimedNetwork(untimed.network());
    this.model = new StepModel(network, untimed.settings());
    this.objective = objectiveOf.apply(model);
  }

  @Override
  public int parameters() {
    return model.network().parameters().length();
  }

  @Override
  public void load(float[] parameters) {
    int own = parameters();
    if (parameters.length == own) {
      model.network().load(parameters);
      return;
    }
    model.network().load(Arrays.copyOf(parameters, own));
    objective.loadCompanion(parameters, own);
  }

  @Override
  public UnitStatistics evaluate(Unit unit, float[] gradient) {
    return objective.evaluate(unit, gradient);
  }

  @Override
  public long forwardNanos() {
    return network.forwardNanos();
  }

  @Override
  public long backwardNanos() {
    return network.backwardNanos();
  }
}
