package org.fewstep.deploy.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
  private final Map<String, List<Path>> folders;
  private final List<String> notes = new ArrayList<>();

  /**
   * @param folders of the comparison's runs by their names; grids are those of the first
   */
  public ComparisonFiles(Comparison comparison, Map<String, List<Path>> folders) {
    this.comparison = comparison;
    this.folders = Map.copyOf(folders);
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

  /** The grids of the last scores, a line a run and a column a number of steps. */
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
          String name = "grid-%s-%d.png".formatted(run, steps);
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
    Optional<Path> folder = folders.getOrDefault(run, List.of()).stream().findFirst();
    Optional<Score> score = comparison.last(run, steps).stream().findFirst();
    if (folder.isEmpty() || score.isEmpty()) {
      return Optional.empty();
    }
    String name =
        String.format(Locale.ROOT, "images-%09d-steps-%d.png", score.get().images(), steps);
    return Optional.of(folder.get().resolve("samples").resolve(name)).filter(Files::isRegularFile);
  }

  /** A score of a run as one object. */
  public static Json json(String run, Score score) {
    return Json.object().put("run", run).putAll(Json.parse(ScoreJson.toLine(score)));
  }

  private String json() {
    List<String> lines = new ArrayList<>();
    for (String run : comparison.names()) {
      for (int steps : comparison.steps()) {
        for (Score score : comparison.last(run, steps)) {
          lines.add("  " + json(run, score));
        }
      }
    }
    return "[\n" + String.join(",\n", lines) + "\n]\n";
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
