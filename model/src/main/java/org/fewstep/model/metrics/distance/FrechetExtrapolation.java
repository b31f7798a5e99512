package org.fewstep.model.metrics.distance;

import org.fewstep.model.metrics.FrechetDistance;
import org.fewstep.model.metrics.Moments;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;

/**
 * The Frechet distance of infinitely many samples: that of n samples is too large by about a
 * constant over n, so a line through the distances of random subsets against 1/n is followed to 1/n
 * = 0 (Chong and Forsyth 2020, arXiv 1911.07023). Subsets have 15 sizes, evenly spaced from a tenth
 * of the samples, or 5000 if that is less, to all of them. Only the samples' share of the excess is
 * removed, not the reference's.
 *
 * @param value where the line meets 1/n = 0
 * @param standardError of that intercept in the least-squares fit
 */
public record FrechetExtrapolation(double value, double standardError) {
  /** Fewest samples that a line is drawn through. */
  public static final int MIN_SAMPLES = 100;

  private static final int SIZES = 15;
  private static final int SMALLEST = 5000;
  private static final int FRACTION = 10;
  private static final int BATCH_ROWS = 256;

  /**
   * Extrapolates.
   *
   * @return NaN when a vector is not finite
   * @throws IllegalArgumentException when there are fewer than {@link #MIN_SAMPLES}
   */
  public static FrechetExtrapolation of(FeatureRows samples, FrechetDistance reference, long seed) {
    int n = samples.count();
    if (n < MIN_SAMPLES) {
      throw new IllegalArgumentException(
          "an extrapolation needs %d samples, there are %d".formatted(MIN_SAMPLES, n));
    }
    int smallest = Math.min(SMALLEST, n / FRACTION);
    double[] x = new double[SIZES];
    double[] y = new double[SIZES];
    for (int i = 0; i < SIZES; i++) {
      int size = (int) Math.round(smallest + (n - smallest) * (i / (SIZES - 1.0)));
      int[] order = CounterRandom.of(seed, Purpose.SCORE_SUBSET, i).permutation(n);
      x[i] = 1.0 / size;
      y[i] = reference.to(moments(samples, order, size).statistics());
    }
    return fit(x, y);
  }

  private static Moments moments(FeatureRows samples, int[] order, int size) {
    int d = samples.dimensions();
    Moments moments = new Moments(d);
    double[] batch = new double[BATCH_ROWS * d];
    for (int from = 0; from < size; from += BATCH_ROWS) {
      int count = Math.min(BATCH_ROWS, size - from);
      for (int i = 0; i < count; i++) {
        samples.copy(order[from + i], batch, i * d);
      }
      moments.add(batch, count);
    }
    return moments;
  }

  /** Ordinary least squares y = a + b x; a and its standard error. */
  static FrechetExtrapolation fit(double[] x, double[] y) {
    int n = x.length;
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < n; i++) {
      meanX += x[i] / n;
      meanY += y[i] / n;
    }
    double xx = 0;
    double xy = 0;
    for (int i = 0; i < n; i++) {
      xx += (x[i] - meanX) * (x[i] - meanX);
      xy += (x[i] - meanX) * (y[i] - meanY);
    }
    double slope = xy / xx;
    double intercept = meanY - slope * meanX;
    double residuals = 0;
    for (int i = 0; i < n; i++) {
      double residual = y[i] - intercept - slope * x[i];
      residuals += residual * residual;
    }
    double error = Math.sqrt(residuals / (n - 2) * (1.0 / n + meanX * meanX / xx));
    return new FrechetExtrapolation(intercept, error);
  }
}
