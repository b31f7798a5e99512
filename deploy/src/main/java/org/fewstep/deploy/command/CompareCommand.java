package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.fewstep.config.StudyConfig;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.compare.Comparison;
import org.fewstep.deploy.compare.ComparisonFiles;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.train.Study;
import org.fewstep.model.metrics.Score;
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
      "Of each run and number of steps the score after most images counts; of runs that differ in"
          + " their seed alone (--study) the mean, with half of the range after it."
    })
public final class CompareCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "RUN", description = "folders of runs")
  private List<Path> runs = List.of();

  @Option(
      names = "--study",
      paramLabel = "FILE",
      description =
          "a file that lists runs: those that have not ended are trained first, each from where it"
              + " was interrupted")
  private @Nullable Path study;

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
    Console console = Console.system(json);
    if (study == null) {
      if (runs.isEmpty()) {
        throw new UserException("give the folders of runs to compare, or --study FILE");
      }
      Map<String, List<Path>> named = Comparison.named(runs);
      return show(Comparison.of(named, Optional.ofNullable(metric)), named, console);
    }
    if (!runs.isEmpty()) {
      throw new UserException("--study names its runs in its file: leave out " + runs.get(0));
    }
    Study trained = new Study(StudyConfig.load(study));
    int code = trained.train(console);
    if (code != ExitCode.DONE) {
      return code;
    }
    Optional<String> wanted = Optional.of(metric != null ? metric : trained.metric());
    return show(Comparison.of(trained.folders(), wanted), trained.folders(), console);
  }

  private int show(Comparison comparison, Map<String, List<Path>> folders, Console console) {
    console.human(comparison.table().strip());
    for (String run : comparison.names()) {
      for (int steps : comparison.steps()) {
        for (Score score : comparison.last(run, steps)) {
          console.json(ComparisonFiles.json(run, score));
        }
      }
    }
    if (out != null) {
      new ComparisonFiles(comparison, folders).write(out).forEach(console::note);
    }
    return ExitCode.DONE;
  }
}
