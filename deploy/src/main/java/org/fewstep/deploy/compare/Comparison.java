package org.fewstep.deploy.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;

/** The scores of several runs by one metric. */
public final class Comparison {
  private final String metric;
  private final Map<String, List<Score>> runs;

  private Comparison(String metric, Map<String, List<Score>> runs) {
    this.metric = metric;
    this.runs = runs;
  }

  /**
   * Reads the scores of runs.
   *
   * @param folders of runs, each named after its folder
   * @param wanted metric; empty for the first one that all runs have
   * @throws UserException if a folder is no run, or the runs have no such metric in common
   */
  public static Comparison of(List<Path> folders, Optional<String> wanted) {
    Map<String, List<Score>> all = new LinkedHashMap<>();
    for (Path folder : folders) {
      Path file = RunFolder.open(folder).scores();
      if (!Files.exists(file)) {
        throw new UserException("the run in %s has no scores yet".formatted(folder));
      }
      List<Score> scores = ScoreJson.read(file);
      if (scores.isEmpty()) {
        throw new UserException("the run in %s has no scores yet".formatted(folder));
      }
      String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
      if (all.put(name, scores) != null) {
        throw new UserException("two of the runs are named %s; rename a folder".formatted(name));
      }
    }
    Set<String> common = null;
    for (List<Score> scores : all.values()) {
      Set<String> metrics =
          scores.stream().map(Score::metric).collect(Collectors.toCollection(LinkedHashSet::new));
      if (common == null) {
        common = metrics;
      } else {
        common.retainAll(metrics);
      }
    }
    if (common == null || common.isEmpty()) {
      throw new UserException(
          "the runs have no metric in common: each was scored on another network");
    }
    String metric = wanted.orElse(common.iterator().next());
    if (!common.contains(metric)) {
      throw new UserException(
          "the runs do not all have the metric %s; they have %s in common"
              .formatted(metric, String.join(", ", common)));
    }
    Map<String, List<Score>> ofMetric = new LinkedHashMap<>();
    all.forEach(
        (name, scores) ->
            ofMetric.put(
                name, scores.stream().filter(score -> score.metric().equals(metric)).toList()));
    return new Comparison(metric, ofMetric);
  }

  /** What is compared by. */
  public String metric() {
    return metric;
  }

  /** Names of the runs. */
  public List<String> names() {
    return List.copyOf(runs.keySet());
  }

  /** All numbers of steps that some run was scored in, rising. */
  public List<Integer> steps() {
    return runs.values().stream()
        .flatMap(List::stream)
        .map(Score::steps)
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .toList();
  }

  /** A run's score after most images in so many steps; of several the last. */
  public Optional<Score> last(String run, int steps) {
    Score last = null;
    for (Score score : runs.getOrDefault(run, List.of())) {
      if (score.steps() == steps && (last == null || score.images() >= last.images())) {
        last = score;
      }
    }
    return Optional.ofNullable(last);
  }

  /** Largest number of steps that all runs were scored in. */
  public OptionalInt commonSteps() {
    return steps().stream()
        .filter(n -> names().stream().allMatch(run -> last(run, n).isPresent()))
        .mapToInt(Integer::intValue)
        .max();
  }

  /** Scores after most images against steps; empty if there is none to show. */
  Optional<Chart> bySteps() {
    List<Chart.Curve> curves = new ArrayList<>();
    for (String run : names()) {
      List<Chart.Point> points =
          steps().stream()
              .flatMap(n -> last(run, n).stream())
              .filter(score -> Double.isFinite(score.value()))
              .map(score -> new Chart.Point(score.steps(), score.value()))
              .toList();
      add(run, points, curves);
    }
    return curves.isEmpty()
        ? Optional.empty()
        : Optional.of(new Chart("Score after training", "steps", metric, curves));
  }

  /** Scores in the steps that all runs have against images; empty if there is none to show. */
  Optional<Chart> byImages() {
    if (commonSteps().isEmpty()) {
      return Optional.empty();
    }
    int steps = commonSteps().getAsInt();
    List<Chart.Curve> curves = new ArrayList<>();
    runs.forEach(
        (run, scores) -> {
          Map<Long, Double> byImages = new LinkedHashMap<>();
          scores.stream()
              .filter(s -> s.steps() == steps && s.images() > 0 && Double.isFinite(s.value()))
              .forEach(s -> byImages.put(s.images(), s.value()));
          List<Chart.Point> points =
              byImages.entrySet().stream()
                  .map(e -> new Chart.Point(e.getKey(), e.getValue()))
                  .toList();
          add(run, points, curves);
        });
    return curves.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Chart("Score in " + steps + " steps", "images seen in training", metric, curves));
  }

  private static void add(String run, List<Chart.Point> points, List<Chart.Curve> curves) {
    if (!points.isEmpty()) {
      curves.add(new Chart.Curve(run, points));
    }
  }

  /** A table in Markdown: a line a run, a column a number of steps. */
  public String table() {
    StringBuilder table = new StringBuilder("| `%s` | images |".formatted(metric));
    StringBuilder rule = new StringBuilder("|---|---|");
    for (int steps : steps()) {
      table.append(" %d step%s |".formatted(steps, steps == 1 ? "" : "s"));
      rule.append("---|");
    }
    table.append('\n').append(rule).append('\n');
    for (String run : names()) {
      long images =
          runs.getOrDefault(run, List.of()).stream().mapToLong(Score::images).max().orElse(0);
      table.append(String.format(Locale.ROOT, "| %s | %,d |", run, images));
      for (int steps : steps()) {
        table.append(
            last(run, steps)
                .map(score -> String.format(Locale.ROOT, " %.4g |", score.value()))
                .orElse(" - |"));
      }
      table.append('\n');
    }
    return table.toString();
  }
}
