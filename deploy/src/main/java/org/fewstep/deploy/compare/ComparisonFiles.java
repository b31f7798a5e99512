package org.fewstep.deploy.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.UserException;
import org.fewstep.deploy.output.Json;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;

/** A comparison as files that stand by themselves: Markdown, JSON, figures and the runs' grids. */
public final class ComparisonFiles {
  private static final String STEPS_FIGURE = "score-by-steps";
  private static final String IMAGES_FIGURE = "score-by-images";

  private final Comparison comparison;
  private final List<String> notes = new ArrayList<>();

  public ComparisonFiles(Comparison comparison) {
    this.comparison = comparison;
  }

  /**
   * Refuses a place that nothing could be written to, before anything is computed to be written.
   *
   * @throws UserException if it is no folder
   */
  public static void check(Path out) {
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UserException("--out must be a folder, but %s is a file".formatted(out));
    }
  }

  /**
   * Writes them, over files that exist.
   *
   * @return what to tell: where they are, and what was left out
   * @throws UserException if the disk refuses
   */
  public List<String> write(Path out) {
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new UserException("cannot write to %s: %s".formatted(out, e.getMessage()), e);
    }
    StringBuilder page = new StringBuilder("# Comparison\n\n").append(comparison.table());
    comparison.warnings().forEach(warning -> page.append("\nNote: %s.\n".formatted(warning)));
    comparison.bySteps().ifPresent(chart -> figure(out, STEPS_FIGURE, chart, page));
    comparison.byImages().ifPresent(chart -> figure(out, IMAGES_FIGURE, chart, page));
    grids(out, page);
    text(out.resolve("compare.md"), page.toString());
    text(out.resolve("compare.json"), json());
    notes.add("fewstep: the comparison is in " + out.resolve("compare.md"));
    return List.copyOf(notes);
  }

  private void figure(Path out, String name, Chart chart, StringBuilder page) {
    text(out.resolve(name + ".svg"), chart.svg());
    page.append("\n![%s](%s.svg)\n".formatted(chart.title(), name));
    byte[] png;
    try {
      png = chart.png();
    } catch (LinkageError | RuntimeException e) {
      // Java draws text through the system's fonts, which a small container may lack.
      notes.add(
          "fewstep: %s.png is left out, because Java finds no fonts on this system (%s)"
              .formatted(name, e));
      return;
    }
    AtomicFiles.write(out.resolve(name + ".png"), file -> file.write(png));
  }

  /** The grids of the last scores of the first run of each name, a column a number of steps. */
  private void grids(Path out, StringBuilder page) {
    page.append("\n|");
    comparison.steps().forEach(steps -> page.append(" | ").append(steps));
    page.append(" |\n|---|");
    comparison.steps().forEach(steps -> page.append("---|"));
    page.append('\n');
    for (String run : comparison.names()) {
      page.append("| ").append(run).append(" |");
      for (int steps : comparison.steps()) {
        Optional<Path> grid = grid(run, steps);
        if (grid.isPresent()) {
          String name = "grid-%s-%d.png".formatted(run.replaceAll("[, ]+", "-"), steps);
          byte[] bytes = bytes(grid.get());
          AtomicFiles.write(out.resolve(name), file -> file.write(bytes));
          page.append(" ![%s in %d](%s) |".formatted(run, steps, name));
        } else {
          page.append(" |");
        }
      }
      page.append('\n');
    }
  }

  private Optional<Path> grid(String run, int steps) {
    Comparison.Member member = comparison.members(run).get(0);
    Score score = member.last(steps);
    if (score == null) {
      return Optional.empty();
    }
    if (!score.sampler().equals(member.first().sampler())
        || !score.track().equals(member.first().track())) {
      return Optional.empty(); // of an entry of another name
    }
    String entry =
        score.guidance() == member.first().guidance()
            ? ""
            : EvaluationConfig.entryOf(score.guidance()) + "-";
    String name =
        String.format(Locale.ROOT, "images-%09d-%ssteps-%d.png", score.images(), entry, steps);
    return Optional.of(member.folder().resolve("samples").resolve(name))
        .filter(Files::isRegularFile);
  }

  /** Each last score of each run as one object, with the mean and the range of its run's seeds. */
  public static List<Json> json(Comparison comparison) {
    List<Json> all = new ArrayList<>();
    for (String run : comparison.names()) {
      for (int steps : comparison.steps()) {
        Comparison.Spread spread = comparison.spread(run, steps);
        for (Comparison.Member member : comparison.members(run)) {
          Score score = member.last(steps);
          if (score != null) {
            all.add(
                Json.object()
                    .put("run", run)
                    .put("run_dir", member.folder().toString())
                    .putAll(Json.parse(ScoreJson.toLine(score)))
                    .put("mean", spread.mean())
                    .put("half_range", spread.halfRange()));
          }
        }
      }
    }
    return all;
  }

  private String json() {
    return json(comparison).stream()
        .map(score -> "  " + score)
        .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void text(Path file, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(file, out -> out.write(bytes));
  }
}
