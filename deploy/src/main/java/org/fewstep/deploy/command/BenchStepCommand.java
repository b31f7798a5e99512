package org.fewstep.deploy.command;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.tests.bench.Rounds;
import org.fewstep.tests.bench.StepResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Our training step against libtorch's. */
@Command(
    name = "step",
    description = {
      "Times the network's part of a training step (output and gradient) against libtorch, which"
          + " computes the same network on the same weights in a process of its own.",
      "",
      "Both sides take turns with the same number of threads and OMP_WAIT_POLICY=PASSIVE. ratio is"
          + " our median over libtorch's: below 1 we are faster. Exit code 1 if both do not compute"
          + " the same. The first use fetches libtorch (90 MB) from Maven Central."
    })
public final class BenchStepCommand implements Callable<Integer> {
  @Mixin private BenchOptions options = new BenchOptions();

  @Override
  public Integer call() {
    Console console = Console.system(options.json());
    boolean agrees = true;
    for (BenchOptions.Case c : options.cases(console::note)) {
      StepResult result = c.bench().run(c.batch());
      show(c.name(), result, console);
      agrees &= result.agrees();
    }
    return agrees ? ExitCode.DONE : ExitCode.DOES_NOT_HOLD;
  }

  private void show(String name, StepResult result, Console console) {
    console.human(
        "%s, %s parameters: batch %d, %s a side, %d rounds"
            .formatted(
                name,
                Numbers.grouped(result.parameters()),
                result.batch(),
                BenchOptions.threads(result.threads()),
                options.rounds()));
    console.human(
        String.format(
            Locale.ROOT,
            "  %s output apart by %.1e, gradients by %.1e (allowed %.0e)",
            result.agrees() ? "the same function:" : "NOT THE SAME FUNCTION:",
            result.outputError(),
            result.gradientError(),
            StepResult.TOLERANCE));
    console.human("                  ours    libtorch  ratio  of pairs  spread");
    console.human(row("forward", result.forward()));
    console.human(row("step", result.step()));
    console.human(memoryRow(result.oursPeakMib(), result.libtorchPeakMib()));
    console.human(
        String.format(
            Locale.ROOT,
            "  products at %.0f %% of sgemm (%.0f GFLOP/s)",
            100 * result.shareOfSgemm(),
            result.sgemmFlopsPerSecond() / 1e9));
    console.json(json(name, result));
  }

  static String memoryRow(double ours, double theirs) {
    return String.format(
        Locale.ROOT, "  peak memory %,6.0f MiB  %,6.0f MiB  %5.2f", ours, theirs, ours / theirs);
  }

  static String row(String name, Rounds rounds) {
    return String.format(
        Locale.ROOT,
        "  %-10s %8.1f ms %8.1f ms  %5.2f     %5.2f  %4.0f %%",
        name,
        rounds.oursMillis(),
        rounds.theirMillis(),
        rounds.ratio(),
        rounds.pairRatio(),
        100 * rounds.spread());
  }

  private Json json(String name, StepResult result) {
    return Json.object()
        .put("network", name)
        .put("parameters", result.parameters())
        .put("batch", result.batch())
        .put("threads", result.threads())
        .put("rounds", options.rounds())
        .put("ours_ms", result.step().oursMillis())
        .put("libtorch_ms", result.step().theirMillis())
        .put("ratio", result.step().ratio())
        .put("pair_ratio", result.step().pairRatio())
        .put("spread", result.step().spread())
        .put("ours_forward_ms", result.forward().oursMillis())
        .put("libtorch_forward_ms", result.forward().theirMillis())
        .put("forward_ratio", result.forward().ratio())
        .put("share_of_sgemm", result.shareOfSgemm())
        .put("sgemm_gflop_per_s", result.sgemmFlopsPerSecond() / 1e9)
        .put("peak_mib", result.oursPeakMib())
        .put("libtorch_peak_mib", result.libtorchPeakMib())
        .put("output_error", result.outputError())
        .put("gradient_error", result.gradientError())
        .put("agrees", result.agrees());
  }
}
