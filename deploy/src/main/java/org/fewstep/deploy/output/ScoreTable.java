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
    return guided(
        score,
        String.format(
            Locale.ROOT,
            "%,10d  %5d  %" + width + ".3f  %8s  %8s  %,8d",
            score.images(),
            score.steps(),
            score.value(),
            number(score.floor()),
            number(score.blurred()),
            score.samples()));
  }

  /** Tells the scores of several weights of guidance apart. */
  private static String guided(Score score, String row) {
    return score.guidance() == 1 ? row : row + "  guidance " + score.guidance();
  }

  /** The line above scores of several metrics. */
  public static String manyHeader() {
    return "%10s  %5s  %-34s  %12s  %10s  %10s  %10s  %8s"
        .formatted("images", "steps", "metric", "value", "+-", "floor", "blurred", "samples");
  }

  /** The line of one of them, in the columns of {@link #manyHeader}. */
  public static String manyRow(Score score) {
    return guided(
        score,
        String.format(
            Locale.ROOT,
            "%,10d  %5d  %-34s  %12s  %10s  %10s  %10s  %,8d",
            score.images(),
            score.steps(),
            score.metric(),
            fiveDigits(score.value()),
            fiveDigits(score.standardError()),
            fiveDigits(score.floor()),
            fiveDigits(score.blurred()),
            score.samples()));
  }

  /** Five digits, since a kernel distance may be as small as 0.0001. */
  private static String fiveDigits(@Nullable Double value) {
    return value == null || value.isNaN() ? "-" : String.format(Locale.ROOT, "%.5g", value);
  }

  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.3f", value);
  }
}
