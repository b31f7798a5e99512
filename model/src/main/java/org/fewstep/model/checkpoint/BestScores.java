package org.fewstep.model.checkpoint;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.fewstep.model.metrics.Metric;
import org.fewstep.model.metrics.Score;

/** Which of a run's checkpoints have the best scores, by one metric in one number of steps. */
public final class BestScores {
  /** Keeps none. */
  public static final BestScores NONE = new BestScores(0, new Kind("", "", "", 1, 1, "", "", 1, 0));

  private final int count;
  private final Kind kind;
  private final int sign;
  private final Map<Long, Double> values = new HashMap<>();

  /**
   * What two scores must have in common to be compared, as {@link Score} has it.
   *
   * @param metric name of the score
   */
  public record Kind(
      String metric,
      String reference,
      String track,
      int steps,
      int samples,
      String sampler,
      String timeGrid,
      double guidance,
      long seed) {
    static Kind of(Score score) {
      return new Kind(
          score.metric(),
          score.reference(),
          score.track(),
          score.steps(),
          score.samples(),
          score.sampler(),
          score.timeGrid(),
          score.guidance(),
          score.seed());
    }
  }

  /**
   * Knows no score yet.
   *
   * @param count checkpoints to keep for their scores
   * @param kind of the scores that decide
   */
  public BestScores(int count, Kind kind) {
    this.count = count;
    this.kind = kind;
    this.sign = Metric.higherIsBetter(kind.metric()) ? -1 : 1;
  }

  /** Takes in a score; one of another kind, or none at all (NaN), is ignored. */
  public synchronized void add(Score score) {
    if (Kind.of(score).equals(kind) && !Double.isNaN(score.value())) {
      values.put(score.images(), score.value());
    }
  }

  /** Whether any checkpoint is kept for its score. */
  public boolean wanted() {
    return count > 0;
  }

  /** The best of these checkpoints, best first; of equal scores the earlier one. */
  public synchronized List<Long> of(Collection<Long> images) {
    return images.stream()
        .filter(values::containsKey)
        .sorted(
            Comparator.<Long>comparingDouble(i -> sign * values.getOrDefault(i, Double.NaN))
                .thenComparing(Comparator.naturalOrder()))
        .limit(count)
        .toList();
  }

  /** The tracks that are owed may become best. */
  synchronized Set<Long> undecided(List<RunFolder.Owed> owed) {
    return wanted()
        ? owed.stream()
            .filter(evaluation -> evaluation.track().equals(kind.track()))
            .map(RunFolder.Owed::images)
            .collect(Collectors.toSet())
        : Set.of();
  }
}
