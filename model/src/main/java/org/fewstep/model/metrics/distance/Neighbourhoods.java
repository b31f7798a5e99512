package org.fewstep.model.metrics.distance;

import java.util.Arrays;

/**
 * A set of feature vectors with the distances from each to its nearest others: balls whose union
 * stands for the set's support.
 */
public final class Neighbourhoods {
  private final FeatureRows rows;
  private final int neighbours;

  /** Squared distances to the nearest, the second, ...: [count, neighbours] row-major. */
  private final double[] squared;

  private Neighbourhoods(FeatureRows rows, int neighbours, double[] squared) {
    this.rows = rows;
    this.neighbours = neighbours;
    this.squared = squared;
  }

  /**
   * Finds the nearest others of every vector.
   *
   * @param neighbours how many of each
   * @throws IllegalArgumentException when there are not so many others
   */
  public static Neighbourhoods of(FeatureRows rows, int neighbours) {
    if (neighbours < 1 || rows.count() <= neighbours) {
      throw new IllegalArgumentException(
          "%d vectors do not have %d neighbours each".formatted(rows.count(), neighbours));
    }
    double[] nearest = new double[Math.multiplyExact(rows.count(), neighbours)];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    SquaredDistances.forEach(
        rows,
        rows,
        (row, from, count, squared) -> {
          for (int i = 0; i < count; i++) {
            if (from + i != row) {
              insert(nearest, row * neighbours, neighbours, squared[i]);
            }
          }
        });
    return new Neighbourhoods(rows, neighbours, nearest);
  }

  public FeatureRows rows() {
    return rows;
  }

  /** Squared distance from a vector to its k-th nearest other, k from 1. */
  double squaredRadius(int row, int k) {
    if (k < 1 || k > neighbours) {
      throw new IllegalArgumentException("neighbour %d of %d".formatted(k, neighbours));
    }
    return squared[row * neighbours + k - 1];
  }

  /** Keeps {@code sorted[offset .. offset + n)} the n smallest, ascending. */
  private static void insert(double[] sorted, int offset, int n, double value) {
    int i = offset + n - 1;
    if (!(value < sorted[i])) {
      return;
    }
    for (; i > offset && sorted[i - 1] > value; i--) {
      sorted[i] = sorted[i - 1];
    }
    sorted[i] = value;
  }
}
