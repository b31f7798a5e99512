package org.fewstep.deploy.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.fewstep.actors.coordinator.TimeSplit;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.deploy.train.PreparedRun;
import org.fewstep.deploy.train.TimeReport;
import org.fewstep.deploy.train.TrainingSession;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.io.Folders;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Where the wall time of a run goes. */
@Command(
    name = "run",
    description = {
      "Trains in a folder that is deleted at the end, and tells where the wall time went: network,"
          + " objective, optimiser, actors, waiting, evaluation.",
      "",
      "An evaluation on the way runs beside the training and makes its steps slower; the last one"
          + " has a share of its own."
    })
public final class BenchRunCommand implements Callable<Integer> {
  private static final String QUICKSTART = "quickstart";

  @Parameters(
      index = "0",
      arity = "0..1",
      defaultValue = QUICKSTART,
      paramLabel = "PRESET-or-FILE.conf",
      description = "the run (default: ${DEFAULT-VALUE})")
  private String source = QUICKSTART;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "key=value",
      description = "settings that override it, such as images=6400")
  private List<String> overrides = List.of();

  @Option(names = "--json", description = "print a JSON object")
  private boolean json;

  @Override
  public Integer call() {
    LoadedRun loaded = RunConfigLoader.load(source, overrides);
    CpuThreads.use(loaded.config().threads());
    Console console = Console.system(json);
    Path folder = temporaryFolder();
    try {
      PreparedRun run = PreparedRun.of(source, loaded, folder.resolve("run"));
      TrainingSession session = new TrainingSession(run, console.progressOnly(), false);
      int code = session.train();
      if (code == ExitCode.DONE) {
        show(run, session.timeReport(), console);
      }
      return code;
    } finally {
      delete(folder);
    }
  }

  private void show(PreparedRun run, TimeReport report, Console console) {
    TimeSplit shares = report.shares();
    console.human(
        "%s, %s images, %d x %d threads"
            .formatted(
                source,
                Numbers.grouped(run.config().images()),
                run.config().trainers(),
                CpuThreads.count()));
    console.human(row("forward", shares.forward()));
    console.human(row("backward", shares.backward()));
    console.human(row("objective", shares.objective()));
    console.human(row("optimizer", shares.optimizer()));
    console.human(row("actors", shares.actors()));
    console.human(row("waiting for data", shares.waitingForData()));
    console.human(row("waiting for others", shares.waitingForOthers()));
    console.human(row("last evaluation", report.evaluationShare()));
    console.human(row("start", report.startShare()));
    console.human(row("actors and waiting", report.overheadShare()));
    console.json(
        Json.object()
            .put("network", source)
            .put("images", run.config().images())
            .put("trainers", run.config().trainers())
            .put("threads", CpuThreads.count())
            .putAll(report.json()));
  }

  private static String row(String name, double share) {
    return String.format(Locale.ROOT, "  %-20s %5.1f %%", name, 100 * share);
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("fewstep-bench");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
