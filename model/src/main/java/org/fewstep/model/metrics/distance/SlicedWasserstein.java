package org.fewstep.model.metrics.distance;

import java.util.Arrays;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;

/**
 * Sliced 2-Wasserstein distance of two sets of points: the root of the mean over directions of the
 * squared distance of the projections, whose transport is known by sorting (Bonneel, Rabin, Peyre,
 * Pfister, "Sliced and Radon Wasserstein barycenters of measures", 2015).
 */
public final class SlicedWasserstein {
  private static final int DIRECTIONS = 128;

  private SlicedWasserstein() {}

  /**
   * The distance.
   *
   * @param seed of the directions
   * @return NaN when a point is not finite, or a set is empty
   */
  public static double distance(FeatureRows a, FeatureRows b, long seed) {
    FeatureRows.checkComparable(a, b);
    if (!a.isFinite() || !b.isFinite() || a.count() == 0 || b.count() == 0) {
      return Double.NaN;
    }
    double sum = 0;
    for (int n = 0; n < DIRECTIONS; n++) {
      double[] direction = direction(a.dimensions(), seed, n);
      sum += squared(projected(a, direction), projected(b, direction));
    }
    return Math.sqrt(sum / DIRECTIONS);
  }

  private static double[] direction(int dimensions, long seed, int n) {
    double[] direction = new double[dimensions];
    CounterRandom.of(seed, Purpose.SCORE_DIRECTION, n).fillGaussian(direction, 0, dimensions, 1);
    double norm = Math.sqrt(Arrays.stream(direction).map(x -> x * x).sum());
    return Arrays.stream(direction).map(x -> x / norm).toArray();
  }

  private static double[] projected(FeatureRows points, double[] direction) {
    double[] result = new double[points.count()];
    double[] point = new double[direction.length];
    for (int i = 0; i < result.length; i++) {
      points.copy(i, point, 0);
      for (int d = 0; d < point.length; d++) {
        result[i] += direction[d] * point[d];
      }
    }
    Arrays.sort(result);
    return result;
  }

  /** Integral of the squared difference of the two quantile functions, which are steps. */
  private static double squared(double[] a, double[] b) {
    double sum = 0;
    double done = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      double endA = (i + 1.0) / a.length;
      double endB = (j + 1.0) / b.length;
      double end = Math.min(endA, endB);
      sum += (end - done) * (a[i] - b[j]) * (a[i] - b[j]);
      done = end;
      if (endA <= end) {
        i++;
      }
      if (endB <= end) {
        j++;
      }
    }
    return sum;
  }
}
