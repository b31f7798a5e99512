package org.fewstep.deploy.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.train.PreparedRun;
import org.fewstep.deploy.train.RunOutline;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.device.Devices;
import org.fewstep.model.run.ModelFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which run to train, where to write to, and whether to go on. */
final class RunOptions {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  @Parameters(
      index = "0",
      paramLabel = "PRESET-or-FILE.conf",
      description =
          "a preset (quickstart, fashion-mnist, mnist, emoji32, pictures32, cifar10, imagenet256, tiny)"
              + " or a file of settings")
  private String source = "";

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "key=value",
      description = "settings that override it, such as optimizer.lr=2e-4 or trainers=2")
  private List<String> overrides = List.of();

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description = "folder to write to (default: runs/NAME-DATE-TIME)")
  private @Nullable Path runDir;

  @Option(
      names = "--resume",
      description =
          "go on from the newest whole checkpoint in --run-dir, or from the beginning without one")
  private boolean resume;

  @Option(
      names = "--dry-run",
      description =
          "check everything, print the settings and what would be done, write nothing; data that are"
              + " not there yet are no error where data.expected says what they will be")
  private boolean dryRun;

  @Option(
      names = "--json",
      description = "print one JSON object per event: start, tick, score, checkpoint, end")
  private boolean json;

  boolean resume() {
    return resume;
  }

  Console console() {
    return Console.system(json);
  }

  /** As {@link #prepare(Console, IntUnaryOperator)}, with as many trainers as the settings say. */
  Optional<PreparedRun> prepare(Console console) {
    return prepare(console, ofSettings -> ofSettings);
  }

  /**
   * Finds everything that the run's settings name, and says what will be trained.
   *
   * @param trainers that this process starts, by what the settings say
   * @return empty if nothing more than that is wanted
   */
  Optional<PreparedRun> prepare(Console console, IntUnaryOperator trainers) {
    LoadedRun loaded = RunConfigLoader.load(source, overrides);
    int here = trainers.applyAsInt(loaded.config().trainers());
    String name = name();
    Path folder = runDir != null ? runDir : defaultFolder(name);
    checkFolder(folder);
    console.human((dryRun ? "Checking " : "Training ") + name);
    // Before ND4J is loaded, which a device that it cannot use would not survive.
    Devices.ofProcess(here);
    CpuThreads.use(loaded.config().threads());
    Optional<RunOutline> withoutData =
        dryRun ? RunOutline.withoutData(name, loaded, folder, here) : Optional.empty();
    if (withoutData.isPresent()) {
      show(withoutData.get().describe(), withoutData.get().describe("dry_run"), loaded, console);
      warn(withoutData.get(), console);
      ModelFactory.notBuilt(loaded.config()).ifPresent(console::note);
      return Optional.empty();
    }
    PreparedRun run = PreparedRun.of(name, loaded, folder).withTrainers(here);
    if (dryRun) {
      show(run.describe(), run.describe("dry_run"), loaded, console);
      warn(run.outline(), console);
      return Optional.empty();
    }
    console.human(run.describe());
    console.json(run.describe("start"));
    warn(run.outline(), console);
    return Optional.of(run);
  }

  private static void warn(RunOutline outline, Console console) {
    outline.memoryWarning().ifPresent(sentence -> console.note("fewstep: " + sentence));
  }

  private static void show(String human, Json json, LoadedRun loaded, Console console) {
    console.human(human);
    console.human("");
    console.human(RunConfigLoader.render(loaded.resolved()).strip());
    console.json(json);
  }

  private String name() {
    String file = String.valueOf(Path.of(source).getFileName());
    return file.endsWith(".conf") ? file.substring(0, file.length() - ".conf".length()) : file;
  }

  private static Path defaultFolder(String name) {
    return Path.of("runs", name + "-" + LocalDateTime.now(ZoneId.systemDefault()).format(STAMP));
  }

  private void checkFolder(Path folder) {
    if (resume) {
      if (runDir == null) {
        throw new UserException("--resume needs --run-dir, the folder of the run to go on with");
      }
    } else if (RunFolder.is(folder)) {
      throw new UserException(
          "there is a run in %s already: go on with it by --resume, or choose another --run-dir"
              .formatted(folder));
    }
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UserException("--run-dir must be a folder, but %s is a file".formatted(folder));
    }
    if (!RunFolder.is(folder)) {
      RunFolder.checkVacant(folder);
    }
  }
}
