package org.fewstep.deploy.train;

import java.util.Optional;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.loader.UnitSource;
import org.fewstep.actors.trainer.Learner;
import org.fewstep.config.RunConfig;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.UnitReader;
import org.fewstep.model.optim.LocalSteps;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.model.run.Objectives;
import org.fewstep.model.run.Teacher;

/**
 * What trainers, loaders and evaluators work with, on whichever node.
 *
 * @param teacher of a run that distils one
 */
public record TrainerParts(
    RunConfig config, ImageDataset dataset, StepModelSpec spec, Optional<Teacher> teacher) {

  /** A learner with a network of its own. */
  public Learner newLearner() {
    Optional<Objectives.Distillation> distillation =
        teacher.map(t -> new Objectives.Distillation(t, newUnitSource()::read));
    return new StepModelLearner(
        spec.create(), model -> Objectives.of(config, spec, model, distillation));
  }

  /** A trainer's own optimiser, where trainers take local steps. */
  public LocalSteps newLocalSteps() {
    return ModelFactory.localSteps(config, spec.network().parameters());
  }

  /** What evaluates, as the run's settings say. */
  public Evaluations newEvaluations(EvaluationTools tools) {
    return new RunEvaluations(config.evaluation(), spec, tools.view(), tools.scoring());
  }

  /** The data set's units. */
  public UnitSource newUnitSource() {
    return new UnitReader(
            dataset, config.seed(), config.exchange().unitImages(), config.data().flip())
        ::read;
  }
}
