package org.fewstep.deploy.train;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.fewstep.actors.coordinator.RunIdentity;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.run.LocalRun;
import org.fewstep.actors.run.RunSettings;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.Interruption;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.deploy.output.TrainingView;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.run.ModelFactory;
import org.jspecify.annotations.Nullable;

/** Trains a prepared run on this machine, to its end or until it is interrupted. */
public final class TrainingSession {
  private final PreparedRun run;
  private final Console console;
  private final boolean resume;
  private @Nullable TimeReport timeReport;

  /**
   * @param resume whether to go on from the newest checkpoint in the run's folder
   */
  public TrainingSession(PreparedRun run, Console console, boolean resume) {
    this.run = run;
    this.console = console;
    this.resume = resume;
  }

  /** Trains; returns an {@link ExitCode}. */
  public int train() {
    RunFolder folder = folder();
    ParameterSet.State resumed = resume ? Resumption.state(run, folder) : null;
    if (resumed != null) {
      byte[] settings = settings().getBytes(StandardCharsets.UTF_8);
      AtomicFiles.write(folder.config(), out -> out.write(settings));
      console.human("  goes on     from %s images".formatted(Numbers.grouped(resumed.images())));
    }
    TrainingView view = new TrainingView(console, run.name(), run.config().images());
    RunRecorder recorder = new RunRecorder(folder, console, view);
    RunSummary summary;
    try (view;
        recorder) {
      summary = await(start(new RunParts(run, folder, resumed), recorder));
      timeReport = recorder.timeReport(summary, run.config().trainers());
    }
    report(summary, folder, recorder.newestCheckpoint());
    return summary.stopped() ? ExitCode.INTERRUPTED : ExitCode.DONE;
  }

  /** Where the time of {@link #train} went. */
  public TimeReport timeReport() {
    return Objects.requireNonNull(timeReport, "nothing was trained yet");
  }

  private RunFolder folder() {
    return resume ? RunFolder.open(run.folder()) : RunFolder.create(run.folder(), settings());
  }

  private String settings() {
    return RunConfigLoader.render(run.loaded().resolved());
  }

  private LocalRun start(RunParts parts, RunRecorder recorder) {
    RunIdentity identity =
        new RunIdentity(
            ModelFactory.modelHash(run.spec(), run.table()), run.dataset().fingerprint());
    return LocalRun.start(
        RunSettings.of(run.config(), identity), parts, recorder, run.config().pekko());
  }

  private RunSummary await(LocalRun started) {
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

  private void report(RunSummary summary, RunFolder folder, @Nullable Path checkpoint) {
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
    if (summary.stopped()) {
      console.human(
          "  to go on    give the same command with --run-dir %s --resume"
              .formatted(folder.root()));
    }
    console.json(
        Json.event("end")
            .put("images", summary.images())
            .put("version", summary.version())
            .put("seconds", summary.seconds())
            .put("stopped", summary.stopped())
            .put("run_dir", folder.root().toString())
            .put("checkpoint", checkpoint == null ? null : checkpoint.toString())
            .putAll(timeReport().json()));
  }
}
