package org.fewstep.deploy.command;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.tests.bench.ScoreBench;
import org.fewstep.tests.bench.ScoreResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What scoring costs. */
@Command(
    name = "score",
    description = {
      "Times Inception's forward against ONNX Runtime, which computes the same network on the same"
          + " weights, and the Frechet distance of 2048 features against SciPy's sqrtm, if python3"
          + " has SciPy.",
      "",
      "Both sides take turns with the same number of threads. ratio is our median over theirs:"
          + " below 1 we are faster. Exit code 1 if both do not compute the same."
    })
public final class BenchScoreCommand implements Callable<Integer> {
  @Option(
      names = "--batch",
      defaultValue = "4",
      paramLabel = "N",
      description = "images in a forward (default: ${DEFAULT-VALUE}, as scoring takes them)")
  private int batch;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description = "threads of each side, 0 for all cores (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(
      names = "--rounds",
      defaultValue = "7",
      paramLabel = "N",
      description = "pairs of measurements (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(names = "--json", description = "print one JSON object per part")
  private boolean json;

  @Override
  public Integer call() {
    checkAtLeast("--batch", batch, 1);
    checkAtLeast("--threads", threads, 0);
    checkAtLeast("--rounds", rounds, 1);
    CpuThreads.use(threads);
    Console console = Console.system(json);
    ScoreBench bench = new ScoreBench(CpuThreads.count(), rounds, console::note);
    console.human(
        "%-18s  %-12s  %9s  %9s  %5s  %8s  %6s"
            .formatted("", "against", "ours", "theirs", "ratio", "of pairs", "spread"));
    ScoreResult forward = bench.inception(batch);
    show(forward, console);
    Optional<ScoreResult> distance = bench.frechet();
    distance.ifPresent(result -> show(result, console));
    boolean agrees = forward.agrees() && distance.map(ScoreResult::agrees).orElse(true);
    return agrees ? ExitCode.DONE : ExitCode.DOES_NOT_HOLD;
  }

  private static void checkAtLeast(String option, int value, int least) {
    if (value < least) {
      throw new UserException("%s must be at least %d, but is %d".formatted(option, least, value));
    }
  }

  private static void show(ScoreResult result, Console console) {
    console.human(
        String.format(
            Locale.ROOT,
            "%-18s  %-12s  %6.0f ms  %6.0f ms  %5.2f  %8.2f  %4.0f %%",
            result.what(),
            result.against(),
            result.rounds().oursMillis(),
            result.rounds().theirMillis(),
            result.rounds().ratio(),
            result.rounds().pairRatio(),
            100 * result.rounds().spread()));
    console.human(
        String.format(
            Locale.ROOT,
            "  %s apart by %.1e (allowed %.0e)",
            result.agrees() ? "the same results:" : "NOT THE SAME RESULTS:",
            result.error(),
            ScoreResult.TOLERANCE));
    console.json(
        Json.object()
            .put("what", result.what())
            .put("against", result.against())
            .put("batch", result.batch())
            .put("threads", result.threads())
            .put("ours_ms", result.rounds().oursMillis())
            .put("theirs_ms", result.rounds().theirMillis())
            .put("ratio", result.rounds().ratio())
            .put("pair_ratio", result.rounds().pairRatio())
            .put("spread", result.rounds().spread())
            .put("error", result.error())
            .put("agrees", result.agrees()));
  }
}
