package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.deploy.train.MixtureMoments;
import org.fewstep.deploy.train.PreparedRun;
import org.fewstep.deploy.train.ToyBound;
import org.fewstep.deploy.train.TrainingSession;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains every objective on points of the plane and holds each to a bound. */
@Command(
    name = "toys",
    description = {
      "Trains every objective on points of the plane, one after the other, and holds the squared"
          + " MMD of its samples to a bound, and mean and covariance too where the objective"
          + " promises them.",
      "",
      "Prints a table at the end; exit code 1 if a bound does not hold."
    })
public final class SelfcheckToysCommand implements Callable<Integer> {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description = "folder for the runs (default: runs/selfcheck-toys-TIME)")
  private @Nullable Path runDir;

  @Option(names = "--json", description = "print one JSON object per objective instead")
  private boolean json;

  /** One line of the table. */
  private record Line(
      ToyBound bound,
      Score mmd,
      Score wasserstein,
      @Nullable MixtureMoments moments,
      double seconds) {
    boolean holds() {
      // A NaN holds no bound.
      return mmd.value() <= bound.mmd()
          && (moments == null || moments.largest() <= bound.moments().orElseThrow());
    }
  }

  @Override
  public Integer call() {
    Console console = Console.system(json);
    Path root =
        runDir != null
            ? runDir
            : Path.of(
                "runs",
                "selfcheck-toys-" + LocalDateTime.now(ZoneId.systemDefault()).format(STAMP));
    for (ToyBound bound : ToyBound.ALL) {
      RunFolder.checkVacant(root.resolve(bound.preset()));
    }
    List<Line> lines = new ArrayList<>();
    for (ToyBound bound : ToyBound.ALL) {
      console.note("fewstep: training " + bound.preset());
      long start = System.nanoTime();
      Path folder = root.resolve(bound.preset());
      LoadedRun loaded = RunConfigLoader.load(bound.preset(), List.of());
      CpuThreads.use(loaded.config().threads());
      PreparedRun run = PreparedRun.of(bound.preset(), loaded, folder);
      int code = new TrainingSession(run, console.silent(), false).train();
      if (code != ExitCode.DONE) {
        return code;
      }
      List<Score> scores = ScoreJson.read(RunFolder.open(folder).scores());
      Line line =
          new Line(
              bound,
              find(scores, bound, "MMD2"),
              find(scores, bound, "sliced_W2"),
              bound.moments().isPresent() ? MixtureMoments.of(folder, bound.steps()) : null,
              (System.nanoTime() - start) * 1e-9);
      lines.add(line);
      console.json(toJson(line));
    }
    console.human(header());
    lines.forEach(line -> console.human(row(line)));
    long held = lines.stream().filter(Line::holds).count();
    for (Line line : lines) {
      MixtureMoments moments = line.moments();
      if (moments != null) {
        console.human(
            String.format(
                Locale.ROOT,
                "%s: of 100,000 samples the mean is off by %.4f standard deviations and the"
                    + " covariance by %.4f of its norm (bound %.2f)",
                line.bound().preset(),
                moments.mean(),
                moments.covariance(),
                line.bound().moments().orElseThrow()));
      }
    }
    console.human(
        "%d of %d bounds hold; plots of samples are in %s"
            .formatted(held, lines.size(), root.resolve("*").resolve("samples")));
    return held == lines.size() ? ExitCode.DONE : ExitCode.DOES_NOT_HOLD;
  }

  private static Score find(List<Score> scores, ToyBound bound, String metric) {
    return scores.stream()
        .filter(score -> score.metric().startsWith(metric) && score.steps() == bound.steps())
        .reduce((first, last) -> last)
        .orElseThrow(
            () ->
                new UserException(
                    "the run of %s left no %s in %d steps; was its disk full?"
                        .formatted(bound.preset(), metric, bound.steps())));
  }

  private static String header() {
    return "%-32s %-12s %5s %5s %9s %9s %9s %8s"
        .formatted("preset", "sampler", "steps", "calls", "MMD2", "bound", "sliced_W2", "seconds");
  }

  private static String row(Line line) {
    return String.format(
        Locale.ROOT,
        "%-32s %-12s %5d %5d %9.5f %9.5f %9.4f %8s  %s",
        line.bound().preset(),
        line.mmd().sampler(),
        line.mmd().steps(),
        line.mmd().networkEvaluations(),
        line.mmd().value(),
        line.bound().mmd(),
        line.wasserstein().value(),
        Numbers.grouped(Math.round(line.seconds())),
        line.holds() ? "ok" : "FAIL");
  }

  private static Json toJson(Line line) {
    Json json =
        Json.object()
            .put("preset", line.bound().preset())
            .put("sampler", line.mmd().sampler())
            .put("steps", line.mmd().steps())
            .put("network_evaluations", line.mmd().networkEvaluations())
            .put("mmd2", line.mmd().value())
            .put("bound", line.bound().mmd())
            .put("sliced_w2", line.wasserstein().value());
    MixtureMoments moments = line.moments();
    if (moments != null) {
      json.put("mean_error", moments.mean()).put("covariance_error", moments.covariance());
    }
    return json.put("seconds", line.seconds()).put("ok", line.holds());
  }
}
