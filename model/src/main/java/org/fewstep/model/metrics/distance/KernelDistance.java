package org.fewstep.model.metrics.distance;

import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * Kernel distance (KID on Inception features): the unbiased estimate of the squared maximum mean
 * discrepancy with the kernel {@code k(x, y) = (x.y / d + 1)^3} (Binkowski, Sutherland, Arbel,
 * Gretton 2018, arXiv 1801.01401, eq. 4 and Sec. 3.2):
 *
 * <pre>  mean of k(x_i, x_j) over i != j  +  that of k(y_i, y_j)  -  2 mean of k(x_i, y_j)</pre>
 *
 * <p>An unbiased estimate of something that is 0 for equal distributions falls below 0 half of the
 * time. By custom the mean over random subsets is reported: 100 of 1000 vectors of each set, each
 * drawn without replacement. Without enough vectors a subset has as many as the smaller set, and
 * when both sets have that many there is but one.
 */
public final class KernelDistance {
  /** Vectors of each set in a subset. */
  public static final int SUBSET_ROWS = 1000;

  /** Number of subsets. */
  public static final int SUBSETS = 100;

  private KernelDistance() {}

  /**
   * A mean over subsets.
   *
   * @param standardDeviation over the subsets (divisor n); 0 for a single one
   * @param standardError of the mean: the subsets' sample deviation over the root of the number of
   *     subsets that fit beside each other into the smaller set, since overlapping ones do not tell
   *     more; null for a single subset
   */
  public record Estimate(double value, double standardDeviation, @Nullable Double standardError) {}

  /** The mean over {@link #SUBSETS} subsets of {@link #SUBSET_ROWS}. */
  public static Estimate estimate(FeatureRows a, FeatureRows b, long seed) {
    return estimate(a, b, SUBSETS, SUBSET_ROWS, seed);
  }

  /**
   * The mean over random subsets.
   *
   * @return NaN when a vector is not finite
   * @throws IllegalArgumentException when a set has fewer than two vectors or their lengths differ
   */
  public static Estimate estimate(
      FeatureRows a, FeatureRows b, int subsets, int subsetRows, long seed) {
    FeatureRows.checkComparable(a, b);
    int rows = Math.min(subsetRows, Math.min(a.count(), b.count()));
    if (rows < 2 || subsets < 1) {
      throw new IllegalArgumentException(
          "a kernel distance needs two vectors of each set, there are %d and %d"
              .formatted(a.count(), b.count()));
    }
    if (!a.isFinite() || !b.isFinite()) {
      return new Estimate(Double.NaN, Double.NaN, null);
    }
    if (rows == a.count() && rows == b.count()) {
      return new Estimate(unbiased(a, b, rows, i -> i, i -> i, new Workspace(rows, a)), 0, null);
    }
    Workspace workspace = new Workspace(rows, a);
    double[] values = new double[subsets];
    for (int i = 0; i < subsets; i++) {
      CounterRandom random = CounterRandom.of(seed, Purpose.SCORE_SUBSET, i);
      int[] ofA = random.permutation(a.count());
      int[] ofB = random.permutation(b.count());
      values[i] = unbiased(a, b, rows, row -> ofA[row], row -> ofB[row], workspace);
    }
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    double apart = Math.min(subsets, Math.min(a.count(), b.count()) / (double) rows);
    return new Estimate(
        mean,
        Math.sqrt(squares / subsets),
        subsets == 1 ? null : Math.sqrt(squares / (subsets - 1) / apart));
  }

  /** Matrices for one subset of each. */
  private static final class Workspace {
    final RowBlock x;
    final RowBlock y;
    final DoubleBuffer products;
    final double[] row;

    Workspace(int rows, FeatureRows shape) {
      x = new RowBlock(rows, shape.dimensions());
      y = new RowBlock(rows, shape.dimensions());
      products = RowBlock.direct(Math.multiplyExact(rows, rows));
      row = new double[rows];
    }
  }

  private static double unbiased(
      FeatureRows a,
      FeatureRows b,
      int rows,
      IntUnaryOperator ofA,
      IntUnaryOperator ofB,
      Workspace workspace) {
    workspace.x.load(a, rows, ofA);
    workspace.y.load(b, rows, ofB);
    int d = a.dimensions();
    double pairs = rows * (rows - 1.0);
    double within =
        kernelSum(workspace.x, workspace.x, d, true, workspace)
            + kernelSum(workspace.y, workspace.y, d, true, workspace);
    double across = kernelSum(workspace.x, workspace.y, d, false, workspace);
    return within / pairs - 2 * across / ((double) rows * rows);
  }

  private static double kernelSum(
      RowBlock x, RowBlock y, int d, boolean withoutDiagonal, Workspace workspace) {
    x.products(y, workspace.products);
    double sum = 0;
    for (int i = 0; i < x.rows(); i++) {
      workspace.products.get(i * y.rows(), workspace.row, 0, y.rows());
      double rowSum = 0;
      for (int j = 0; j < y.rows(); j++) {
        double base = workspace.row[j] / d + 1;
        if (!withoutDiagonal || i != j) {
          rowSum += base * base * base;
        }
      }
      sum += rowSum;
    }
    return sum;
  }
}
