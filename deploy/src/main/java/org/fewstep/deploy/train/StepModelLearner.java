package org.fewstep.deploy.train;

import org.fewstep.actors.trainer.Learner;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.objective.Objective;
import org.fewstep.model.objective.UnitStatistics;

/** An objective and the step model it trains. */
final class StepModelLearner implements Learner {
  private final StepModel model;
  private final Objective objective;

  StepModelLearner(StepModel model, Objective objective) {
    this.model = model;
    this.objective = objective;
  }

  @Override
  public int parameters() {
    return model.network().parameters().length();
  }

  @Override
  public void load(float[] parameters) {
    model.network().load(parameters);
  }

  @Override
  public UnitStatistics evaluate(Unit unit, float[] gradient) {
    return objective.evaluate(unit, gradient);
  }
}
