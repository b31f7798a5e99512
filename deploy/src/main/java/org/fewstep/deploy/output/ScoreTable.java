package org.fewstep.deploy.output;

import java.util.Locale;
import org.fewstep.model.metrics.Score;
import org.jspecify.annotations.Nullable;

/** Scores for people, a line each. */
public final class ScoreTable {
  private ScoreTable() {}

  /** The line above scores of one metric. */
  public static String header(String metric) {
    return "%10s  %5s  %s  %8s  %8s  %8s"
        .formatted("images", "steps", metric, "floor", "blurred", "samples");
  }

  /** The line of one score, in the columns of {@link #header}. */
  public static String row(Score score) {
    int width = score.metric().length();
    return String.format(
        Locale.ROOT,
        "%,10d  %5d  %" + width + ".3f  %8s  %8s  %,8d",
        score.images(),
        score.steps(),
        score.value(),
        number(score.floor()),
        number(score.blurred()),
        score.samples());
  }

  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.3f", value);
  }
}
