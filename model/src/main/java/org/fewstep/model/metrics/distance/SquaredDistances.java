package org.fewstep.model.metrics.distance;

import java.nio.DoubleBuffer;

/**
 * Squared Euclidean distances between all vectors of two sets, a block at a time, as {@code |x|^2 +
 * |y|^2 - 2 x y} by matrix products in float64. Where that cancels (near and equal vectors) the
 * distance is summed directly, so that equal vectors have distance 0.
 */
final class SquaredDistances {
  private static final int BLOCK_ROWS = 512;
  private static final double CANCELLED = 1e-6;

  private SquaredDistances() {}

  /** Receives the distances of one row to a range of others. */
  @FunctionalInterface
  interface Sink {
    /**
     * @param row in the first set
     * @param from first row in the second set
     * @param count number of them
     * @param squared their squared distances, from position 0 on; valid during the call
     */
    void accept(int row, int from, int count, double[] squared);
  }

  static void forEach(FeatureRows a, FeatureRows b, Sink sink) {
    FeatureRows.checkComparable(a, b);
    RowBlock x = new RowBlock(Math.min(BLOCK_ROWS, a.count()), a.dimensions());
    RowBlock y = new RowBlock(Math.min(BLOCK_ROWS, b.count()), a.dimensions());
    DoubleBuffer products = RowBlock.direct(BLOCK_ROWS * BLOCK_ROWS);
    double[] squared = new double[BLOCK_ROWS];
    for (int i = 0; i < a.count(); i += BLOCK_ROWS) {
      int firstA = i;
      x.load(a, Math.min(BLOCK_ROWS, a.count() - i), row -> firstA + row);
      for (int j = 0; j < b.count(); j += BLOCK_ROWS) {
        int firstB = j;
        y.load(b, Math.min(BLOCK_ROWS, b.count() - j), row -> firstB + row);
        x.products(y, products);
        for (int row = 0; row < x.rows(); row++) {
          products.get(row * y.rows(), squared, 0, y.rows());
          for (int column = 0; column < y.rows(); column++) {
            double norms = x.squaredNorm(row) + y.squaredNorm(column);
            double distance = norms - 2 * squared[column];
            squared[column] =
                distance < CANCELLED * norms
                    ? a.squaredDistance(firstA + row, b, firstB + column)
                    : distance;
          }
          sink.accept(firstA + row, firstB, y.rows(), squared);
        }
      }
    }
  }
}
