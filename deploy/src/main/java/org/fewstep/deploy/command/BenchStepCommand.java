package org.fewstep.deploy.command;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.tests.bench.Rounds;
import org.fewstep.tests.bench.StepBench;
import org.fewstep.tests.bench.StepResult;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
  private static final String QUICKSTART = "quickstart";

  @Parameters(
      index = "0",
      arity = "0..1",
      defaultValue = QUICKSTART,
      paramLabel = "PRESET-or-FILE.conf",
      description = "the run whose network is timed (default: ${DEFAULT-VALUE})")
  private String source = QUICKSTART;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "key=value",
      description = "settings that override it, such as network.channels=64")
  private List<String> overrides = List.of();

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "N",
      description = "images in a step (default: the run's unit, then its batch)")
  private @Nullable List<Integer> batches;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads of each side, 0 for all cores (default: the run's)")
  private @Nullable Integer threads;

  @Option(
      names = "--rounds",
      defaultValue = "20",
      paramLabel = "N",
      description = "pairs of measurements (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(names = "--json", description = "print one JSON object per batch")
  private boolean json;

  @Override
  public Integer call() {
    checkAtLeast("--rounds", rounds, 1);
    RunConfig config = RunConfigLoader.load(source, overrides).config();
    List<Integer> sizes = batches == null ? batches(config) : batches;
    sizes.forEach(size -> checkAtLeast("--batch", size, 1));
    int each = threads == null ? config.threads() : threads;
    checkAtLeast("--threads", each, 0);
    StepModelSpec spec = ModelFactory.spec(config, Datasets.open(config.data().path()));
    Console console = Console.system(json);
    StepBench bench = new StepBench(spec, each, rounds, console::note);
    boolean agrees = true;
    for (int size : sizes) {
      StepResult result = bench.run(size);
      show(result, console);
      agrees &= result.agrees();
    }
    return agrees ? ExitCode.DONE : ExitCode.DOES_NOT_HOLD;
  }

  private static List<Integer> batches(RunConfig config) {
    return Stream.of(config.exchange().unitImages(), config.batch()).distinct().toList();
  }

  private static void checkAtLeast(String option, int value, int least) {
    if (value < least) {
      throw new UserException("%s must be at least %d, but is %d".formatted(option, least, value));
    }
  }

  private void show(StepResult result, Console console) {
    console.human(
        "%s, %s parameters: batch %d, %s a side, %d rounds"
            .formatted(
                source,
                Numbers.grouped(result.parameters()),
                result.batch(),
                result.threads() == 1 ? "1 thread" : result.threads() + " threads",
                rounds));
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
    console.human(
        String.format(
            Locale.ROOT,
            "  peak memory %,6.0f MiB  %,6.0f MiB",
            result.oursPeakMib(),
            result.libtorchPeakMib()));
    console.human(
        String.format(
            Locale.ROOT,
            "  products at %.0f %% of sgemm (%.0f GFLOP/s)",
            100 * result.shareOfSgemm(),
            result.sgemmFlopsPerSecond() / 1e9));
    console.json(json(result));
  }

  private static String row(String name, Rounds rounds) {
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

  private Json json(StepResult result) {
    return Json.object()
        .put("network", source)
        .put("parameters", result.parameters())
        .put("batch", result.batch())
        .put("threads", result.threads())
        .put("rounds", rounds)
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
