package org.fewstep.model.metrics;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dpotrf;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasLeft;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNonUnit;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRight;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasUpper;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dtrmm;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Frechet (2-Wasserstein) distance, squared, between two Gaussians N(m1, S1) and N(m2, S2):
 *
 * <pre>  |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)</pre>
 *
 * (Dowson and Landau 1982; as a score of image generators Heusel et al. 2017, arXiv 1706.08500).
 *
 * <p>S1 S2 is not symmetric, and a square root of it by Schur decomposition strays into complex
 * numbers when a covariance is singular. Its eigenvalues, though, are those of a symmetric positive
 * semi-definite matrix: for any B with S1 = B^T B they are the eigenvalues of B S2 B^T, and the
 * trace of the square root is the sum of their square roots. B is the Cholesky factor of S1, which
 * costs least; where S1 is singular it is diag(w)^(1/2) U^T from S1 = U diag(w) U^T. One or two
 * symmetric eigendecompositions in float64, no complex number and nothing added to a diagonal.
 *
 * <p>A covariance of n vectors has rank n - 1 at most. What rounding puts in place of the
 * eigenvalues beyond that is left out: its root would not be small.
 *
 * <p>An instance holds one side, for distances to several others. Immutable.
 */
public final class FrechetDistance {
  private final Statistics first;

  /** B [rank, d] with B^T B = S1; upper triangular when it is square. */
  private final double[] factor;

  private final int rank;
  private final boolean triangular;
  private final boolean finite;

  /** Prepares distances to {@code first}. */
  public FrechetDistance(Statistics first) {
    this.first = first;
    this.finite = first.isFinite();
    int d = first.dimensions();
    double[] cholesky = finite && rankBound(first) == d ? cholesky(first.covariance(), d) : null;
    this.triangular = cholesky != null;
    if (cholesky != null) {
      this.factor = cholesky;
      this.rank = d;
    } else {
      this.factor = finite ? root(first) : new double[0];
      this.rank = factor.length / d;
    }
  }

  /**
   * The distance between two sets of features.
   *
   * @return at least 0; NaN when either side holds a number that is not finite, as features of a
   *     diverged generator do
   * @throws IllegalArgumentException when the dimensions differ
   */
  public static double between(Statistics a, Statistics b) {
    checkComparable(a, b);
    return new FrechetDistance(a).to(b);
  }

  /**
   * The distance to other features.
   *
   * @return at least 0; NaN when either side holds a number that is not finite
   * @throws IllegalArgumentException when the dimensions differ
   */
  public double to(Statistics other) {
    checkComparable(first, other);
    if (!finite || !other.isFinite()) {
      return Double.NaN;
    }
    int d = first.dimensions();
    double distance = 0;
    for (int i = 0; i < d; i++) {
      double shift = first.mean()[i] - other.mean()[i];
      distance += shift * shift + first.covariance()[i * d + i] + other.covariance()[i * d + i];
    }
    distance -= 2 * traceOfRootOfProduct(other);
    return Math.max(0, distance);
  }

  /** The statistics that distances are taken to. */
  public Statistics first() {
    return first;
  }

  /** Trace of (S1 S2)^(1/2). */
  private double traceOfRootOfProduct(Statistics other) {
    if (rank == 0) {
      return 0;
    }
    double[] product = triangular ? triangularProduct(other) : product(other);
    symmetrise(product, rank);
    double[] squares = SymmetricMatrix.eigenvalues(product, rank);
    return SymmetricMatrix.sumOfRoots(squares, Math.min(rank, rankBound(other)));
  }

  private double[] triangularProduct(Statistics other) {
    int d = rank;
    double[] product = other.covariance().clone();
    cblas_dtrmm(
        CblasRowMajor,
        CblasLeft,
        CblasUpper,
        CblasNoTrans,
        CblasNonUnit,
        d,
        d,
        1.0,
        factor,
        d,
        product,
        d);
    cblas_dtrmm(
        CblasRowMajor,
        CblasRight,
        CblasUpper,
        CblasTrans,
        CblasNonUnit,
        d,
        d,
        1.0,
        factor,
        d,
        product,
        d);
    return product;
  }

  private double[] product(Statistics other) {
    int d = first.dimensions();
    double[] half = new double[rank * d];
    cblas_dgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasNoTrans,
        rank,
        d,
        d,
        1.0,
        factor,
        d,
        other.covariance(),
        d,
        0.0,
        half,
        d);
    double[] product = new double[rank * rank];
    cblas_dgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasTrans,
        rank,
        rank,
        d,
        1.0,
        half,
        d,
        factor,
        d,
        0.0,
        product,
        rank);
    return product;
  }

  /** The upper triangular U with U^T U = S, row-major; null when S is singular. */
  private static double @Nullable [] cholesky(double[] s, int d) {
    double[] factor = s.clone();
    // The lower triangle by columns is the upper one by rows.
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, (byte) 'L', d, factor, d) != 0) {
      return null;
    }
    for (int i = 1; i < d; i++) {
      Arrays.fill(factor, i * d, i * d + i, 0);
    }
    return factor;
  }

  /** diag(w)^(1/2) U^T [rank, d] without the directions that have no variance. */
  private static double[] root(Statistics statistics) {
    int d = statistics.dimensions();
    double[] vectors = statistics.covariance().clone();
    double[] values = SymmetricMatrix.eigenvectors(vectors, d);
    int from = Math.max(d - rankBound(statistics), firstPositive(values));
    double[] root = new double[(d - from) * d];
    for (int k = from; k < d; k++) {
      double scale = Math.sqrt(values[k]);
      for (int i = 0; i < d; i++) {
        root[(k - from) * d + i] = scale * vectors[k * d + i];
      }
    }
    return root;
  }

  /** Largest rank that the covariance can have. */
  private static int rankBound(Statistics statistics) {
    return statistics.isCounted()
        ? (int) Math.min(statistics.dimensions(), statistics.count() - 1)
        : statistics.dimensions();
  }

  private static void checkComparable(Statistics a, Statistics b) {
    if (a.dimensions() != b.dimensions()) {
      throw new IllegalArgumentException(
          "no distance between features of "
              + a.dimensions()
              + " and of "
              + b.dimensions()
              + " dimensions");
    }
  }

  private static int firstPositive(double[] ascending) {
    int first = 0;
    while (first < ascending.length && ascending[first] <= 0) {
      first++;
    }
    return first;
  }

  private static void symmetrise(double[] matrix, int n) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double mean = 0.5 * (matrix[i * n + j] + matrix[j * n + i]);
        matrix[i * n + j] = mean;
        matrix[j * n + i] = mean;
      }
    }
  }
}
