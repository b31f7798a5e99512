package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.compare.Comparison;
import org.fewstep.deploy.compare.ComparisonFiles;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.model.metrics.ScoreJson;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts finished runs beside each other. */
@Command(
    name = "compare",
    description = {
      "Puts the scores of runs beside each other: a table, and with --out figures (SVG and PNG), the"
          + " runs' grids, Markdown and JSON.",
      "",
      "Of each run and number of steps the score after most images counts."
    })
public final class CompareCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "RUN", description = "folders of runs")
  private List<Path> runs = List.of();

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description = "what to compare by, such as FD[fashion-cnn] (default: the first in common)")
  private @Nullable String metric;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "folder for compare.md, compare.json and figures; replaces files that exist")
  private @Nullable Path out;

  @Option(names = "--json", description = "print one JSON object per score instead of the table")
  private boolean json;

  @Override
  public Integer call() {
    Comparison comparison = Comparison.of(runs, Optional.ofNullable(metric));
    Console console = Console.system(json);
    console.human(comparison.table().strip());
    for (String run : comparison.names()) {
      for (int steps : comparison.steps()) {
        comparison
            .last(run, steps)
            .ifPresent(
                score ->
                    console.json(
                        Json.object().put("run", run).putAll(Json.parse(ScoreJson.toLine(score)))));
      }
    }
    if (out != null) {
      new ComparisonFiles(comparison, runs).write(out).forEach(console::note);
    }
    return ExitCode.DONE;
  }
}
