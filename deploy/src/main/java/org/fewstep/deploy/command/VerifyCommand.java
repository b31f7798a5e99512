package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.model.verify.Check;
import org.fewstep.model.verify.GoldenSets;
import org.fewstep.model.verify.Verification;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares golden values with what this program computes. */
@Command(
    name = "verify",
    description = {
      "Compares the golden values in a folder with what this program computes.",
      "",
      "Prints a line 'NAME CHECK max-relative-error tolerance ok' (or FAIL and the worst tensor) per"
          + " comparison, or 'NAME not supported: why'; exit code 1 if anything fails."
    })
public final class VerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "folder with *.safetensors of golden values")
  private Path folder = Path.of("");

  @Option(names = "--json", description = "print one JSON object per line instead")
  private boolean json;

  @Override
  public Integer call() {
    Console console = Console.system(json);
    List<Verification> all = GoldenSets.verify(folder, verification -> show(verification, console));
    return all.stream().allMatch(Verification::ok) ? ExitCode.DONE : ExitCode.DOES_NOT_HOLD;
  }

  private static void show(Verification verification, Console console) {
    if (verification.notSupported() != null) {
      console.human(verification.set() + " not supported: " + verification.notSupported());
      console.json(
          Json.object()
              .put("name", verification.set())
              .put("not_supported", verification.notSupported()));
    }
    for (Check check : verification.checks()) {
      console.human(
          String.format(
              Locale.ROOT,
              "%s %s %.2e %.0e %s",
              check.set(),
              check.name(),
              check.maxRelativeError(),
              check.tolerance(),
              check.ok() ? "ok" : "FAIL " + check.worst()));
      console.json(
          Json.object()
              .put("name", check.set())
              .put("check", check.name())
              .put("max_relative_error", check.maxRelativeError())
              .put("tolerance", check.tolerance())
              .put("ok", check.ok())
              .put("worst", check.worst()));
    }
  }
}
