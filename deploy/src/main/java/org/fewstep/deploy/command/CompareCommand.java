package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.compare.Comparison;
import org.fewstep.deploy.compare.ComparisonFiles;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.train.Study;
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
          "a file that lists runs: all are checked, then those that have not ended are trained, each"
              + " from where it was interrupted")
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
    if (out != null) {
      ComparisonFiles.check(out);
    }
    if (study == null) {
      if (runs.isEmpty()) {
        throw new UserException("give the folders of runs to compare, or --study FILE");
      }
      show(Comparison.of(Comparison.named(runs), Optional.ofNullable(metric)), console);
      return ExitCode.DONE;
    }
    if (!runs.isEmpty()) {
      throw new UserException("--study names its runs in its file: leave out " + runs.get(0));
    }
    Study trained = Study.read(study, Optional.ofNullable(metric));
    int code = trained.train(console);
    if (code == ExitCode.DONE) {
      show(Comparison.of(trained.folders(), Optional.of(trained.metric())), console);
    }
    return code;
  }

  private void show(Comparison comparison, Console console) {
    console.human(comparison.table().strip());
    ComparisonFiles.json(comparison).forEach(console::json);
    comparison.warnings().forEach(warning -> console.note("fewstep: " + warning));
    if (out != null) {
      new ComparisonFiles(comparison).write(out).forEach(console::note);
    }
  }
}
