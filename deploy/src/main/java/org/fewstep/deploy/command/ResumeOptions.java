package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.fewstep.config.UserException;
import org.fewstep.deploy.Version;
import org.fewstep.deploy.output.Console;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.metrics.PartialEvaluation;
import picocli.CommandLine.Option;

/** How a command that takes long goes on after an interruption. */
final class ResumeOptions {
  private static final int DAY_SECONDS = 24 * 60 * 60;

  @Option(
      names = "--save-every",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description =
          "how often to save what the same command goes on from after an interruption (default:"
              + " ${DEFAULT-VALUE})")
  private double saveEverySeconds;

  @Option(names = "--no-resume", description = "start over, and save nothing to go on from")
  private boolean noResume;

  /** Refuses what is wrong whatever is computed. */
  void check() {
    if (!(saveEverySeconds > 0 && saveEverySeconds <= DAY_SECONDS)) {
      throw new UserException(
          "--save-every must be above 0 and at most %d seconds, but is %s"
              .formatted(DAY_SECONDS, saveEverySeconds));
    }
  }

  /**
   * What is saved of the same command.
   *
   * @param parent folder to save in
   */
  PartialEvaluation saved(Path parent, Console console) {
    if (noResume) {
      return PartialEvaluation.none();
    }
    PartialEvaluation partial =
        PartialEvaluation.in(
            parent, Duration.ofNanos((long) (saveEverySeconds * 1e9)), console::note);
    partial.dependsOn(() -> "%s, %d threads".formatted(Version.text(), CpuThreads.count()));
    return partial;
  }

  /** Works, and says if a signal ends that what the same command goes on from. */
  static <T> T interruptible(PartialEvaluation partial, Console console, Supplier<T> work) {
    return RemovedOnSignal.during(
        () -> {
          Path saved = partial.saved();
          if (saved != null) {
            console.note("stopped; the same command goes on from " + saved);
          }
        },
        work);
  }
}
