package org.fewstep.tests.bench;

import java.util.Arrays;

/**
 * Durations of the same work on both sides, in pairs that were taken right after each other, so
 * that what disturbs the machine disturbs both.
 */
public final class Rounds {
  private final double[] ours;
  private final double[] theirs;

  /**
   * @param ours milliseconds of each round
   * @param theirs of the same rounds
   */
  public Rounds(double[] ours, double[] theirs) {
    if (ours.length != theirs.length || ours.length == 0) {
      throw new IllegalArgumentException(
          "rounds come in pairs, not %d and %d".formatted(ours.length, theirs.length));
    }
    this.ours = ours.clone();
    this.theirs = theirs.clone();
  }

  /** Median duration on our side, in milliseconds. */
  public double oursMillis() {
    return quantile(ours, 0.5);
  }

  /** Median duration on the other side, in milliseconds. */
  public double theirMillis() {
    return quantile(theirs, 0.5);
  }

  /** Our median over theirs: below 1 we are faster. */
  public double ratio() {
    return oursMillis() / theirMillis();
  }

  /** Median of the rounds' own ratios. */
  public double pairRatio() {
    return quantile(pairs(), 0.5);
  }

  /** Between the quartiles of the rounds' own ratios, over their median. */
  public double spread() {
    double[] pairs = pairs();
    return (quantile(pairs, 0.75) - quantile(pairs, 0.25)) / quantile(pairs, 0.5);
  }

  private double[] pairs() {
    double[] pairs = new double[ours.length];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = ours[i] / theirs[i];
    }
    return pairs;
  }

  /**
   * Linear between the two nearest values.
   *
   * @param values at least one, in any order
   * @param q from 0, the smallest, to 1, the largest
   */
  public static double quantile(double[] values, double q) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double position = q * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
