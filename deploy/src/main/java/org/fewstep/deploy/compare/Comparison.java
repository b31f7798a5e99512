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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;
import org.jspecify.annotations.Nullable;

/**
 * The scores of several runs by one metric. Runs that differ in their seed alone may stand under
 * one name; their mean counts then. Runs that were scored in several ways (samplers, tracks,
 * weights of guidance, ...) stand under one name for each.
 */
public final class Comparison {
  private final String metric;
  private final Map<String, List<Member>> runs;

  /**
   * One run.
   *
   * @param first of its scores, taken as its settings' first entry says
   * @param scores by the metric, in the order in which they were taken
   */
  record Member(Path folder, Score first, List<Score> scores) {
    Member with(Predicate<Score> condition) {
      return new Member(folder, first, scores.stream().filter(condition).toList());
    }

    /** The score after most images in so many steps, of several the last; null without any. */
    @Nullable Score last(int steps) {
      Score last = null;
      for (Score score : scores) {
        if (score.steps() == steps && (last == null || score.images() >= last.images())) {
          last = score;
        }
      }
      return last;
    }
  }

  /**
   * Scores of several seeds.
   *
   * @param halfRange half of what lies between the largest and the smallest
   */
  public record Spread(double mean, double halfRange, double least, double most) {
    static Spread of(List<Score> scores) {
      DoubleSummaryStatistics values =
          scores.stream().mapToDouble(Score::value).summaryStatistics();
      return new Spread(
          scores.isEmpty() ? Double.NaN : values.getAverage(),
          (values.getMax() - values.getMin()) / 2,
          values.getMin(),
          values.getMax());
    }

    Chart.Point at(double x) {
      return new Chart.Point(x, mean, least, most);
    }
  }

  /** What scores of one run may differ in besides images and steps, and how that is called. */
  private enum Way {
    SAMPLER(Score::sampler, "%s"),
    TRACK(Score::track, "track %s"),
    TIME_GRID(Score::timeGrid, "time grid %s"),
    SAMPLES(Score::samples, "%s samples"),
    SEED(Score::seed, "noise of seed %s"),
    GUIDANCE(Score::guidance, "guidance %s");

    private final Function<Score, Object> of;
    private final String label;

    Way(Function<Score, Object> of, String label) {
      this.of = of;
      this.label = label;
    }

    boolean varies(List<Score> scores) {
      return scores.stream().map(of).distinct().count() > 1;
    }

    String label(Score score) {
      return label.formatted(of.apply(score));
    }
  }

  private Comparison(String metric, Map<String, List<Member>> runs) {
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
    Map<String, List<Member>> all = new LinkedHashMap<>();
    folders.forEach(
        (name, members) -> all.put(name, members.stream().map(Comparison::read).toList()));
    Set<String> common = null;
    for (Member member : all.values().stream().flatMap(List::stream).toList()) {
      Set<String> metrics =
          member.scores().stream()
              .map(Score::metric)
              .collect(Collectors.toCollection(LinkedHashSet::new));
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
    Map<String, List<Member>> rows = new LinkedHashMap<>();
    all.forEach(
        (name, members) ->
            split(name, with(members, score -> score.metric().equals(metric)), rows));
    return new Comparison(metric, rows);
  }

  private static List<Member> with(List<Member> members, Predicate<Score> condition) {
    return members.stream().map(member -> member.with(condition)).toList();
  }

  private static void split(String name, List<Member> members, Map<String, List<Member>> rows) {
    List<Score> scores = members.stream().flatMap(member -> member.scores().stream()).toList();
    List<Way> ways = Stream.of(Way.values()).filter(way -> way.varies(scores)).toList();
    Function<Score, String> row =
        score ->
            Stream.concat(Stream.of(name), ways.stream().map(way -> way.label(score)))
                .collect(Collectors.joining(", "));
    scores.stream()
        .map(row)
        .distinct()
        .forEach(label -> rows.put(label, with(members, score -> row.apply(score).equals(label))));
  }

  private static Member read(Path folder) {
    Path file = RunFolder.open(folder).scores();
    List<Score> scores = Files.exists(file) ? ScoreJson.read(file) : List.of();
    if (scores.isEmpty()) {
      throw new UserException("the run in %s has no scores yet".formatted(folder));
    }
    return new Member(folder, scores.get(0), scores);
  }

  /** What keeps the scores from being compared, a sentence each; empty if nothing does. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    warn("references", Score::reference, warnings);
    warn("numbers of samples", Score::samples, warnings);
    return warnings;
  }

  private void warn(String what, Function<Score, ?> of, List<String> warnings) {
    Map<Object, String> firstWith = new LinkedHashMap<>();
    for (String run : names()) {
      for (int steps : steps()) {
        last(run, steps).forEach(score -> firstWith.putIfAbsent(of.apply(score), run));
      }
    }
    if (firstWith.size() > 1) {
      warnings.add(
          "the scores are of different %s, so they do not compare: %s"
              .formatted(
                  what,
                  firstWith.entrySet().stream()
                      .map(e -> "%s of %s".formatted(e.getKey(), e.getValue()))
                      .collect(Collectors.joining(", "))));
    }
  }

  /** The runs under a name. */
  List<Member> members(String run) {
    return runs.getOrDefault(run, List.of());
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
    return members(run).stream().flatMap(member -> member.scores().stream());
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
    return members(run).stream()
        .flatMap(member -> Optional.ofNullable(member.last(steps)).stream())
        .toList();
  }

  /** Those scores' mean, no number without any, and their range. */
  public Spread spread(String run, int steps) {
    return Spread.of(last(run, steps));
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
              .map(n -> spread(run, n).at(n))
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
          byImages.entrySet().stream().map(e -> Spread.of(e.getValue()).at(e.getKey())).toList();
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
    Spread spread = Spread.of(scores);
    String mean = String.format(Locale.ROOT, "%.4g", spread.mean());
    return scores.size() == 1
        ? mean
        : String.format(Locale.ROOT, "%s ± %.2g", mean, spread.halfRange());
  }
}
