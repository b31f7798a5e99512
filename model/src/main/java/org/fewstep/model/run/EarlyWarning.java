package org.fewstep.model.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.fewstep.model.metrics.Metric;
import org.fewstep.model.metrics.Score;

/**
 * Notices when a training begins to collapse, from the numbers that it reports anyway.
 *
 * <p>A collapse shows first in what a tick averages. Particles of a group that become one image
 * take the kernel between them to 1; parameters that run away scatter them and take it to 1 / M,
 * and the loss upwards. But these means also depend on which times a tick drew, by a few
 * hundredths. So a number is held against the median of the ticks before it, and only what lies
 * apart by {@value #DEVIATIONS} robust standard deviations (and by a least amount) in {@value
 * #TICKS} ticks in a row, to the same side, counts. A slow drift, which every healthy run has,
 * moves the median along.
 *
 * <p>What ticks do not show, scores do: one that is no number, or that has become far worse than
 * the best of its kind so far.
 *
 * <p>Each signal is given once, and again only after it was well in between. Safe for several
 * threads.
 */
public final class EarlyWarning {
  static final int TICKS = 3;
  static final double DEVIATIONS = 5;
  private static final int LEAST_TICKS = 8;
  private static final int MOST_TICKS = 64;
  private static final double LEAST_KERNEL_DRIFT = 0.1;
  private static final double LOSS_FACTOR = 3;
  private static final double IDENTICAL = 0.999;
  private static final double DISTANCE_FACTOR = 1.5;
  private static final double SHARE_FACTOR = 0.5;
  private static final double STANDARD_ERRORS = 3;

  /**
   * What was noticed.
   *
   * @param signal what it shows in: loss, a kernel mean, or a score's name
   * @param images seen when it was noticed
   * @param sinceImages seen when it was still well
   * @param sentence what happened, and what to look at
   */
  public record Warning(String signal, long images, long sinceImages, String sentence) {}

  private final Map<String, Series> series = new HashMap<>();
  private final Map<String, Score> best = new HashMap<>();
  private final Set<String> given = new HashSet<>();

  /** Takes in what happened between two ticks; numbers that are not finite are passed over. */
  public synchronized List<Warning> tick(
      long images, double loss, double modelKernel, double targetKernel, double crossKernel) {
    List<Warning> warnings = new ArrayList<>();
    if (modelKernel > IDENTICAL && targetKernel > IDENTICAL) {
      give(
          warnings,
          "kernel_model",
          images,
          0,
          "the particles of a group are one image to the kernel, so nothing holds samples apart:"
              + " look at objective.group-size (1 never does) and at the grids");
      return warnings;
    }
    drift(warnings, "kernel_model", images, modelKernel, LEAST_KERNEL_DRIFT);
    drift(warnings, "kernel_cross", images, crossKernel, LEAST_KERNEL_DRIFT);
    Series losses = series.computeIfAbsent("loss", name -> new Series());
    drift(warnings, "loss", images, loss, Math.abs(losses.median()) * (LOSS_FACTOR - 1));
    return warnings;
  }

  private void drift(List<Warning> warnings, String name, long images, double value, double least) {
    if (!Double.isFinite(value)) {
      return;
    }
    Series numbers = series.computeIfAbsent(name, n -> new Series());
    double usual = numbers.median();
    if (!numbers.drifts(images, value, least)) {
      if (numbers.isWell()) {
        given.remove(name);
      }
      return;
    }
    // A loss that falls is what training is for.
    if (name.equals("loss") && value < usual) {
      return;
    }
    give(
        warnings,
        name,
        images,
        numbers.lastWell(),
        String.format(
            Locale.ROOT,
            "%s is %.4g, usually %.4g: look at stats.jsonl and the grids since then, and at"
                + " optimizer.lr; a checkpoint from before is what to go back to",
            name,
            value,
            usual));
  }

  /** Takes in a score of the run. */
  public synchronized List<Warning> score(Score score) {
    List<Warning> warnings = new ArrayList<>();
    String kind =
        String.join(
            " ",
            score.metric(),
            score.track(),
            score.sampler(),
            String.valueOf(score.steps()),
            String.valueOf(score.samples()),
            String.valueOf(score.guidance()));
    String what = "%s in %d steps".formatted(score.metric(), score.steps());
    Score before = best.get(kind);
    long since = before == null ? 0 : before.images();
    if (!Double.isFinite(score.value())) {
      give(
          warnings,
          kind,
          score.metric(),
          score.images(),
          since,
          what + " is no number: samples are not finite; look at the grids and at optimizer.lr");
      return warnings;
    }
    boolean higher = Metric.higherIsBetter(score.metric());
    if (before != null && isFarWorse(score, before, higher)) {
      give(
          warnings,
          kind,
          score.metric(),
          score.images(),
          since,
          String.format(
              Locale.ROOT,
              "%s %s to %.4g from %.4g after %,d images: look at the grids since then; a checkpoint"
                  + " from before is what to go back to",
              what,
              higher ? "fell" : "rose",
              score.value(),
              before.value(),
              before.images()));
    } else {
      given.remove(kind);
    }
    if (before == null || (score.value() > before.value()) == higher) {
      best.put(kind, score);
    }
    return warnings;
  }

  private static boolean isFarWorse(Score score, Score before, boolean higher) {
    double error =
        before.standardError() != null
            ? before.standardError()
            // At most that of a share of so many samples.
            : higher ? Math.sqrt(0.25 / score.samples()) : 0;
    double worse = higher ? before.value() - score.value() : score.value() - before.value();
    boolean far =
        higher
            ? score.value() < SHARE_FACTOR * before.value()
            : score.value() > DISTANCE_FACTOR * before.value();
    // A kernel distance near 0 is noise of either sign.
    return far && worse > STANDARD_ERRORS * error && before.value() > 0;
  }

  private void give(
      List<Warning> warnings, String signal, long images, long since, String sentence) {
    give(warnings, signal, signal, images, since, sentence);
  }

  private void give(
      List<Warning> warnings,
      String kind,
      String signal,
      long images,
      long since,
      String sentence) {
    if (given.add(kind)) {
      warnings.add(new Warning(signal, images, since, sentence));
    }
  }

  /** A number over the latest ticks. */
  private static final class Series {
    private final Deque<Double> well = new ArrayDeque<>();
    private int apart;
    private double side;
    private long lastWell;

    double median() {
      return median(well.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Whether the latest ticks all lie apart; takes in the value of one more. */
    boolean drifts(long images, double value, double least) {
      double usual = median();
      double spread =
          1.4826 * median(well.stream().mapToDouble(v -> Math.abs(v - usual)).toArray());
      boolean isApart =
          well.size() >= LEAST_TICKS
              && Math.abs(value - usual) > Math.max(least, DEVIATIONS * spread);
      if (!isApart) {
        apart = 0;
        lastWell = images;
        well.addLast(value);
        if (well.size() > MOST_TICKS) {
          well.removeFirst();
        }
        return false;
      }
      apart = Math.signum(value - usual) == side ? apart + 1 : 1;
      side = Math.signum(value - usual);
      return apart >= TICKS;
    }

    boolean isWell() {
      return apart == 0;
    }

    long lastWell() {
      return lastWell;
    }

    private static double median(double[] values) {
      if (values.length == 0) {
        return 0;
      }
      Arrays.sort(values);
      int middle = values.length / 2;
      return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
  }
}
