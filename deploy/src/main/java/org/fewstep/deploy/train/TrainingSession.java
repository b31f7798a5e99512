package org.fewstep.deploy.train;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.fewstep.actors.coordinator.RunIdentity;
import org.fewstep.actors.coordinator.RunListener;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.coordinator.TimeSplit;
import org.fewstep.actors.management.ManagementPort;
import org.fewstep.actors.run.LocalRun;
import org.fewstep.actors.run.RunSettings;
import org.fewstep.actors.run.StartedRun;
import org.fewstep.actors.run.TrainingFactory;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.ManagementConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.Interruption;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.deploy.output.TrainingView;
import org.fewstep.model.checkpoint.BestScores;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.checkpoint.RunLock;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.metrics.ScoreJson;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.run.EarlyWarning;
import org.fewstep.model.run.Evaluation;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.protocol.EvaluationSchedule;
import org.jspecify.annotations.Nullable;

/** Trains a prepared run on this machine, to its end or until it is interrupted. */
public final class TrainingSession {
  private final PreparedRun run;
  private final Console console;
  private final boolean resume;
  private final Launcher launcher;
  private final TrainerRoll trainers;
  private @Nullable TimeReport timeReport;

  /** Starts the actors of a run. */
  @FunctionalInterface
  public interface Launcher {
    /**
     * @param recorder is told what happens
     */
    StartedRun start(RunSettings settings, TrainingFactory parts, RunListener recorder);

    /** Where to open the management port, if anywhere. */
    default Optional<ManagementConfig.Endpoint> management(ManagementConfig settings) {
      return settings.endpoint();
    }
  }

  /**
   * A session in this process alone.
   *
   * @param resume whether to go on from the newest checkpoint in the run's folder
   */
  public TrainingSession(PreparedRun run, Console console, boolean resume) {
    this(
        run,
        console,
        resume,
        (settings, parts, recorder) ->
            LocalRun.start(settings, parts, recorder, run.config().pekko()),
        TrainerRoll.quiet(console));
  }

  /**
   * A session that is started in another way.
   *
   * @param resume whether to go on from the newest checkpoint in the run's folder
   * @param trainers is told who comes and goes
   */
  public TrainingSession(
      PreparedRun run, Console console, boolean resume, Launcher launcher, TrainerRoll trainers) {
    this.run = run;
    this.console = console;
    this.resume = resume;
    this.launcher = launcher;
    this.trainers = trainers;
  }

  /** Trains; returns an {@link ExitCode}. */
  public int train() {
    launcher
        .management(run.config().management())
        .ifPresent(at -> ManagementPort.check(at.host(), at.port()));
    try (RunLock lock = RunLock.take(run.folder())) {
      return resume ? resumed() : trained(create(), RunStart.BEGINNING);
    }
  }

  private int resumed() {
    if (!RunFolder.is(run.folder())) {
      console.human("  goes on     from the beginning: there is no run yet");
      return trained(create(), RunStart.BEGINNING);
    }
    RunFolder folder = RunFolder.open(run.folder());
    RunStart start = new Resumption(run, folder, console).find();
    if (start.images() >= run.config().images() && start.owed().isEmpty()) {
      console.human(
          "The run has seen %s images already; images=... gives it a greater length."
              .formatted(Numbers.grouped(start.images())));
      ParameterSet.State state = start.state();
      console.json(
          end(
              new RunSummary(state == null ? 0 : state.version(), start.images(), 0, false),
              folder,
              folder.newestCheckpoint().orElse(null),
              folder.bestCheckpoint(bestScores(folder)),
              new TimeReport(TimeSplit.NONE, 0, 0)));
      return ExitCode.DONE;
    }
    byte[] settings = settings().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(folder.config(), out -> out.write(settings));
    return trained(folder, start);
  }

  private RunFolder create() {
    return RunFolder.create(run.folder(), settings());
  }

  private int trained(RunFolder folder, RunStart start) {
    RunClock clock = new RunClock(start.seconds());
    TrainingView view = new TrainingView(console, run.name(), run.config().images());
    DiskRefusals refusals = new DiskRefusals(run.config().checkpoint().onFailure(), console);
    BestScores best = bestScores(folder);
    SavedSchedule saved = new SavedSchedule(folder, RunSettings.firstSchedule(run.config()));
    EvaluationSchedule schedule = saved.inForce(console);
    RunRecorder recorder =
        new RunRecorder(
            folder, console, view, start, clock, refusals, best, warning(folder), saved, trainers);
    RunSummary summary;
    try (view;
        recorder) {
      RunParts parts = new RunParts(run, folder, start, clock, refusals, best, schedule);
      summary = await(start(parts, recorder, schedule));
      timeReport = recorder.timeReport(summary);
    }
    if (best.wanted()) {
      folder.prune(run.config().checkpoint().keepLast(), best);
    }
    report(summary, folder, recorder.newestCheckpoint(), folder.bestCheckpoint(best));
    refusals.end();
    return summary.stopped() ? ExitCode.INTERRUPTED : ExitCode.DONE;
  }

  /** Where the time of {@link #train} went. */
  public TimeReport timeReport() {
    return Objects.requireNonNull(timeReport, "nothing was trained yet");
  }

  private BestScores bestScores(RunFolder folder) {
    int keepBest = run.config().checkpoint().keepBest();
    Evaluation.Scoring scoring = run.scoring();
    if (keepBest == 0 || scoring == null) {
      return BestScores.NONE;
    }
    EvaluationConfig evaluation = run.config().evaluation();
    BestScores best =
        new BestScores(
            keepBest,
            new BestScores.Kind(
                Scorings.nameOf(run.config().checkpoint().bestScore(), scoring.network()),
                scoring.referenceName(),
                evaluation.track(),
                run.config().bestSteps(),
                evaluation.samples(),
                Sampling.sampler(evaluation.sampler()).label(Sampling.options(evaluation)),
                Sampling.grid(evaluation.timeGrid()).name(),
                evaluation.guidance(),
                evaluation.seed()));
    if (Files.exists(folder.scores())) {
      ScoreJson.read(folder.scores()).forEach(best::add);
    }
    return best;
  }

  /** Knows the scores that the run has. */
  private static EarlyWarning warning(RunFolder folder) {
    EarlyWarning warning = new EarlyWarning();
    if (Files.exists(folder.scores())) {
      ScoreJson.read(folder.scores()).forEach(warning::score);
    }
    return warning;
  }

  private String settings() {
    return RunConfigLoader.render(run.loaded().resolved());
  }

  private StartedRun start(RunParts parts, RunRecorder recorder, EvaluationSchedule schedule) {
    RunIdentity identity =
        new RunIdentity(
            ModelFactory.modelHash(run.spec(), run.table(), run.teacher()),
            run.dataset().fingerprint());
    return launcher.start(
        RunSettings.of(run.config(), identity)
            .withSchedule(schedule)
            .withTrainers(run.trainers())
            .withManagement(launcher.management(run.config().management())),
        parts,
        recorder);
  }

  private RunSummary await(StartedRun started) {
    Runnable stop =
        () -> {
          console.note("stopping: a checkpoint is being saved ...");
          started.stop();
        };
    Interruption interruption = Interruption.with(stop);
    try {
      return started.finished().toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } finally {
      interruption.close();
    }
  }

  private void report(
      RunSummary summary, RunFolder folder, @Nullable Path checkpoint, Optional<Path> best) {
    console.human(
        "%s after %s images in %s."
            .formatted(
                summary.stopped() ? "Stopped" : "Done",
                Numbers.grouped(summary.images()),
                Numbers.duration(summary.seconds())));
    console.human("  time        " + timeReport());
    console.human("  grids       " + folder.root().resolve("samples"));
    if (run.scoring() != null) {
      console.human("  scores      " + folder.scores());
    }
    if (checkpoint != null) {
      console.human("  checkpoint  " + checkpoint);
    }
    best.ifPresent(path -> console.human("  best        " + path));
    if (summary.stopped()) {
      console.human(
          "  to go on    give the same command with --run-dir %s --resume"
              .formatted(folder.root()));
    }
    console.json(end(summary, folder, checkpoint, best, timeReport()));
  }

  private static Json end(
      RunSummary summary,
      RunFolder folder,
      @Nullable Path checkpoint,
      Optional<Path> best,
      TimeReport time) {
    return Json.event("end")
        .put("images", summary.images())
        .put("version", summary.version())
        .put("seconds", summary.seconds())
        .put("stopped", summary.stopped())
        .put("run_dir", folder.root().toString())
        .put("checkpoint", checkpoint == null ? null : checkpoint.toString())
        .put("best_checkpoint", best.map(Path::toString).orElse(null))
        .putAll(time.json());
  }
}
