package org.fewstep.model.metrics.distance;

/**
 * Squared maximum mean discrepancy of two sets of points, over all pairs, unbiased (Gretton et al.,
 * "A kernel two-sample test", JMLR 2012, equation 3). The kernel is the mean of Gaussians of three
 * widths that see the squares, rings and arms of worlds between -1 and 1. Equal distributions give
 * 0 on average, and less than 0 half of the time.
 */
public final class PointDiscrepancy {
  private static final double[] WIDTHS = {0.05, 0.15, 0.45};

  private PointDiscrepancy() {}

  /**
   * The estimate.
   *
   * @return NaN when a point is not finite, or a set has fewer than two
   */
  public static double squared(FeatureRows a, FeatureRows b) {
    FeatureRows.checkComparable(a, b);
    if (!a.isFinite() || !b.isFinite() || a.count() < 2 || b.count() < 2) {
      return Double.NaN;
    }
    double across = 0;
    for (int i = 0; i < a.count(); i++) {
      for (int j = 0; j < b.count(); j++) {
        across += kernel(a.squaredDistance(i, b, j));
      }
    }
    return within(a) + within(b) - 2 * across / ((double) a.count() * b.count());
  }

  /** Mean over pairs of different points. */
  private static double within(FeatureRows points) {
    double sum = 0;
    for (int i = 0; i < points.count(); i++) {
      for (int j = 0; j < i; j++) {
        sum += kernel(points.squaredDistance(i, points, j));
      }
    }
    return 2 * sum / ((double) points.count() * (points.count() - 1));
  }

  private static double kernel(double squaredDistance) {
    double sum = 0;
    for (double width : WIDTHS) {
      sum += Math.exp(-squaredDistance / (2 * width * width));
    }
    return sum / WIDTHS.length;
  }
}
