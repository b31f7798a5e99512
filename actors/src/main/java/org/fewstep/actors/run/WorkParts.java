package org.fewstep.actors.run;

import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.loader.UnitSource;
import org.fewstep.actors.trainer.Learner;
import org.fewstep.model.device.Device;
import org.fewstep.model.optim.LocalSteps;

/** What a node that works for a run works with. Each actor asks for its part on its own thread. */
public interface WorkParts {
  /** What computes, for everybody in this process; their threads are bound to it. */
  Device device();

  /** A learner of its own for each life of each trainer, made on the trainer's thread. */
  Learner newLearner();

  /** A trainer's own optimiser, on its thread, in a run where trainers take local steps. */
  LocalSteps newLocalSteps();

  /** The units of the data set. */
  UnitSource newUnitSource();

  /** What evaluates, on the evaluator's thread. */
  Evaluations newEvaluations();
}
