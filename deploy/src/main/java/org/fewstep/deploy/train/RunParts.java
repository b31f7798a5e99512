package org.fewstep.deploy.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.loader.UnitSource;
import org.fewstep.actors.management.ScheduleJson;
import org.fewstep.actors.run.TrainingFactory;
import org.fewstep.actors.server.CheckpointWriter;
import org.fewstep.actors.trainer.Learner;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.deploy.Version;
import org.fewstep.model.checkpoint.BestScores;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.InitialWeights;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.device.Device;
import org.fewstep.model.device.Devices;
import org.fewstep.model.optim.LocalSteps;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.optim.Snapshot;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.model.run.Teacher;
import org.fewstep.protocol.EvaluationSchedule;

/** What the actors of a prepared run work with. */
final class RunParts implements TrainingFactory {
  private final PreparedRun run;
  private final RunFolder folder;
  private final RunStart start;
  private final RunClock clock;
  private final DiskRefusals refusals;
  private final BestScores best;
  private final EvaluationSchedule schedule;
  private final TrainerParts work;
  private final Device device;

  RunParts(
      PreparedRun run,
      RunFolder folder,
      RunStart start,
      RunClock clock,
      DiskRefusals refusals,
      BestScores best,
      EvaluationSchedule schedule) {
    this.run = run;
    this.folder = folder;
    this.start = start;
    this.clock = clock;
    this.refusals = refusals;
    this.best = best;
    this.schedule = schedule;
    this.device = Devices.ofProcess(run.trainers());
    this.work = new TrainerParts(run.config(), run.dataset(), run.spec(), run.teacher());
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public Learner newLearner() {
    return work.newLearner();
  }

  @Override
  public LocalSteps newLocalSteps() {
    return work.newLocalSteps();
  }

  @Override
  public ParameterSet newParameterSet() {
    ParameterSet set =
        ModelFactory.parameterSet(run.config(), run.table(), initial(), run.teacher());
    if (start.state() != null) {
      set.restore(start.state());
    }
    return set;
  }

  /** A run that goes on from a checkpoint needs no weights to begin with. */
  private float[] initial() {
    Optional<InitialWeights> weights =
        start.state() == null
            ? ModelFactory.initialWeights(run.config(), run.spec())
            : Optional.empty();
    return weights
        .map(found -> found.read(run.table()))
        .or(() -> run.teacher().map(Teacher::parameters))
        .orElseGet(() -> run.table().initialise(run.config().seed()));
  }

  @Override
  public String tensorAt(int element) {
    return run.table().nameAt(element);
  }

  @Override
  public UnitSource newUnitSource() {
    return work.newUnitSource();
  }

  @Override
  public Evaluations newEvaluations() {
    return work.newEvaluations(new EvaluationTools(run.view(), run.scoring()));
  }

  @Override
  public List<Owed> owedEvaluations() {
    return start.owed().stream()
        .map(
            track ->
                new Owed(
                    track.parameters(),
                    track.due().isEmpty()
                        ? schedule
                        : ScheduleJson.parse(track.due(), "evaluations/")))
        .toList();
  }

  @Override
  public Optional<Path> folder() {
    return Optional.of(folder.root());
  }

  @Override
  public CheckpointWriter newCheckpointWriter() {
    Checkpoint.Run identity =
        new Checkpoint.Run(
            run.spec(),
            run.table(),
            run.config().seed(),
            run.dataset().fingerprint(),
            ModelFactory.modelHash(run.spec(), run.table(), run.teacher()),
            RunConfigLoader.render(run.loaded().resolved()),
            Version.text());
    int keepLast = run.config().checkpoint().keepLast();
    return new CheckpointWriter() {
      @Override
      public Path write(ParameterSet.State state) {
        return folder.writeCheckpoint(identity, state, clock.seconds(), keepLast, best);
      }

      @Override
      public void owe(Snapshot parameters, EvaluationSchedule due) {
        String how = ScheduleJson.toLine(due);
        if (!refusals.written("evaluations", () -> folder.owe(identity, parameters, how))) {
          refusals.notKept(parameters.images());
        }
      }

      @Override
      public Optional<ParameterSet.State> newestBefore(long images) {
        return folder.newestCheckpointBefore(images).map(c -> c.state(run.table()));
      }
    };
  }
}
