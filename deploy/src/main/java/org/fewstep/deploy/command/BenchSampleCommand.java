package org.fewstep.deploy.command;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.tests.bench.SampleResult;
import org.fewstep.tests.bench.StepResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Our sampling against libtorch's. */
@Command(
    name = "sample",
    description = {
      "Times sampling against libtorch, which draws the same images with the same weights from the"
          + " same noise in a process of its own.",
      "",
      "Both sides take turns with the same number of threads and OMP_WAIT_POLICY=PASSIVE. ratio is"
          + " our median over libtorch's: below 1 we are faster. Exit code 1 if both do not draw"
          + " the same. The first use fetches libtorch (90 MB) from Maven Central."
    })
public final class BenchSampleCommand implements Callable<Integer> {
  @Mixin private BenchOptions options = new BenchOptions();

  @Option(
      names = "--steps",
      defaultValue = "4",
      paramLabel = "N",
      description = "network calls from noise to images (default: ${DEFAULT-VALUE})")
  private int steps;

  @Override
  public Integer call() {
    BenchOptions.checkAtLeast("--steps", steps, 1);
    Console console = Console.system(options.json());
    boolean agrees = true;
    for (BenchOptions.Case c : options.cases(console::note)) {
      SampleResult result = c.bench().sample(c.batch(), steps);
      show(c.name(), result, console);
      agrees &= result.agrees();
    }
    return agrees ? ExitCode.DONE : ExitCode.DOES_NOT_HOLD;
  }

  private void show(String name, SampleResult result, Console console) {
    console.human(
        "%s, %s parameters: %d images in %d steps, %s a side, %d rounds"
            .formatted(
                name,
                Numbers.grouped(result.parameters()),
                result.batch(),
                result.steps(),
                BenchOptions.threads(result.threads()),
                options.rounds()));
    console.human(
        String.format(
            Locale.ROOT,
            "  %s apart by %.1e (allowed %.0e)",
            result.agrees() ? "the same images:" : "NOT THE SAME IMAGES:",
            result.error(),
            StepResult.TOLERANCE));
    console.human("                  ours    libtorch  ratio  of pairs  spread");
    console.human(BenchStepCommand.row("sample", result.sampling()));
    console.human(BenchStepCommand.memoryRow(result.oursPeakMib(), result.libtorchPeakMib()));
    console.json(
        Json.object()
            .put("network", name)
            .put("parameters", result.parameters())
            .put("batch", result.batch())
            .put("steps", result.steps())
            .put("threads", result.threads())
            .put("rounds", options.rounds())
            .put("ours_ms", result.sampling().oursMillis())
            .put("libtorch_ms", result.sampling().theirMillis())
            .put("ratio", result.sampling().ratio())
            .put("pair_ratio", result.sampling().pairRatio())
            .put("spread", result.sampling().spread())
            .put("peak_mib", result.oursPeakMib())
            .put("libtorch_peak_mib", result.libtorchPeakMib())
            .put("output_error", result.error())
            .put("agrees", result.agrees()));
  }
}
