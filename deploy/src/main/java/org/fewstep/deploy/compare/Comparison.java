package org.fewstep.deploy.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
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
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;

/**
 * The scores of several runs by one metric. Runs that differ in their seed alone may stand under
 * one name; their mean counts then.
 */
public final class Comparison {
  private final String metric;
  private final Map<String, List<List<Score>>> runs;

  private Comparison(String metric, Map<String, List<List<Score>>> runs) {
    this.metric = metric;
    this.runs = runs;
  }

  /**
   * Folders of runs, each named after its folder.
   *
   * @throws UserException if two have one name
   */
  public static Map<String, List<Path>> named(List<Path> folders) {
    Map<String, List<Path>> named = new LinkedHashMap<>();
    for (Path folder : folders) {
      String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
      if (named.put(name, List.of(folder)) != null) {
        throw new UserException("two of the runs are named %s; rename a folder".formatted(name));
      }
    }
    return named;
  }

  /**
   * Reads the scores of runs.
   *
   * @param folders of the runs under each name
   * @param wanted metric; empty for the first one that all runs have
   * @throws UserException if a folder is no run, or the runs have no such metric in common
   */
  public static Comparison of(Map<String, List<Path>> folders, Optional<String> wanted) {
    Map<String, List<List<Score>>> all = new LinkedHashMap<>();
    folders.forEach(
        (name, members) -> all.put(name, members.stream().map(Comparison::scores).toList()));
    Set<String> common = null;
    for (List<Score> scores : all.values().stream().flatMap(List::stream).toList()) {
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
    all.replaceAll(
        (name, members) ->
            members.stream()
                .map(scores -> scores.stream().filter(s -> s.metric().equals(metric)).toList())
                .toList());
    return new Comparison(metric, all);
  }

  private static List<Score> scores(Path folder) {
    Path file = RunFolder.open(folder).scores();
    List<Score> scores = Files.exists(file) ? ScoreJson.read(file) : List.of();
    if (scores.isEmpty()) {
      throw new UserException("the run in %s has no scores yet".formatted(folder));
    }
    return scores;
  }

  /** What is compared by. */
  public String metric() {
    return metric;
  }

  /** Names of the runs. */
  public List<String> names() {
    return List.copyOf(runs.keySet());
  }

  private Stream<Score> all(String run) {
    return runs.getOrDefault(run, List.of()).stream().flatMap(List::stream);
  }

  /** All numbers of steps that some run was scored in, rising. */
  public List<Integer> steps() {
    return names().stream()
        .flatMap(this::all)
        .map(Score::steps)
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .toList();
  }

  /** The scores after most images in so many steps, one of each seed; of several the last. */
  public List<Score> last(String run, int steps) {
    List<Score> ofSeeds = new ArrayList<>();
    for (List<Score> scores : runs.getOrDefault(run, List.of())) {
      Score last = null;
      for (Score score : scores) {
        if (score.steps() == steps && (last == null || score.images() >= last.images())) {
          last = score;
        }
      }
      if (last != null) {
        ofSeeds.add(last);
      }
    }
    return ofSeeds;
  }

  private static double mean(List<Score> scores) {
    return scores.stream().mapToDouble(Score::value).average().orElse(Double.NaN);
  }

  /** Largest number of steps that all runs were scored in. */
  public OptionalInt commonSteps() {
    return steps().stream()
        .filter(n -> names().stream().noneMatch(run -> last(run, n).isEmpty()))
        .mapToInt(Integer::intValue)
        .max();
  }

  /** Scores after most images against steps; empty if there is none to show. */
  Optional<Chart> bySteps() {
    List<Chart.Curve> curves = new ArrayList<>();
    for (String run : names()) {
      List<Chart.Point> points =
          steps().stream()
              .map(n -> new Chart.Point(n, mean(last(run, n))))
              .filter(point -> Double.isFinite(point.y()))
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
    for (String run : names()) {
      Map<Long, List<Score>> byImages =
          all(run)
              .filter(s -> s.steps() == steps && s.images() > 0 && Double.isFinite(s.value()))
              .collect(
                  Collectors.groupingBy(Score::images, LinkedHashMap::new, Collectors.toList()));
      List<Chart.Point> points =
          byImages.entrySet().stream()
              .map(e -> new Chart.Point(e.getKey(), mean(e.getValue())))
              .toList();
      add(run, points, curves);
    }
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

  /**
   * A table in Markdown: a line a run, a column a number of steps. Of several seeds the mean and,
   * after ±, half of the range.
   */
  public String table() {
    StringBuilder table = new StringBuilder("| `%s` | images |".formatted(metric));
    StringBuilder rule = new StringBuilder("|---|---|");
    for (int steps : steps()) {
      table.append(" %d step%s |".formatted(steps, steps == 1 ? "" : "s"));
      rule.append("---|");
    }
    table.append('\n').append(rule).append('\n');
    for (String run : names()) {
      long images = all(run).mapToLong(Score::images).max().orElse(0);
      table.append(String.format(Locale.ROOT, "| %s | %,d |", run, images));
      for (int steps : steps()) {
        table.append(' ').append(cell(last(run, steps))).append(" |");
      }
      table.append('\n');
    }
    return table.toString();
  }

  private static String cell(List<Score> scores) {
    if (scores.isEmpty()) {
      return "-";
    }
    String mean = String.format(Locale.ROOT, "%.4g", mean(scores));
    if (scores.size() == 1) {
      return mean;
    }
    DoubleSummaryStatistics range = scores.stream().mapToDouble(Score::value).summaryStatistics();
    return String.format(Locale.ROOT, "%s ± %.2g", mean, (range.getMax() - range.getMin()) / 2);
  }
}
