package org.fewstep.deploy.train;

import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.loader.UnitSource;
import org.fewstep.actors.run.TrainingFactory;
import org.fewstep.actors.server.CheckpointWriter;
import org.fewstep.actors.trainer.Learner;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.deploy.Version;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.data.UnitReader;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.run.ModelFactory;
import org.jspecify.annotations.Nullable;

/** What the actors of a prepared run work with. */
final class RunParts implements TrainingFactory {
  private final PreparedRun run;
  private final RunFolder folder;
  private final ParameterSet.@Nullable State resumed;

  /**
   * @param resumed state to go on from, null to start anew
   */
  RunParts(PreparedRun run, RunFolder folder, ParameterSet.@Nullable State resumed) {
    this.run = run;
    this.folder = folder;
    this.resumed = resumed;
  }

  @Override
  public Learner newLearner() {
    return new StepModelLearner(
        run.spec().create(), model -> ModelFactory.objective(run.config(), run.spec(), model));
  }

  @Override
  public ParameterSet newParameterSet() {
    ParameterSet set = ModelFactory.parameterSet(run.config(), run.table());
    if (resumed != null) {
      set.restore(resumed);
    }
    return set;
  }

  @Override
  public String tensorAt(int element) {
    return run.table().nameAt(element);
  }

  @Override
  public UnitSource newUnitSource() {
    RunConfig config = run.config();
    return new UnitReader(
            run.dataset(), config.seed(), config.exchange().unitImages(), config.data().flip())
        ::read;
  }

  @Override
  public Evaluations newEvaluations() {
    return new RunEvaluations(run.config().evaluation(), run.spec(), run.scoring(), folder);
  }

  @Override
  public CheckpointWriter newCheckpointWriter() {
    Checkpoint.Run identity =
        new Checkpoint.Run(
            run.spec(),
            run.table(),
            run.config().seed(),
            run.dataset().fingerprint(),
            ModelFactory.modelHash(run.spec(), run.table()),
            RunConfigLoader.render(run.loaded().resolved()),
            Version.text());
    int keepLast = run.config().checkpoint().keepLast();
    return state -> folder.writeCheckpoint(identity, state, keepLast);
  }
}
