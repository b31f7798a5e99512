package org.fewstep.model.metrics;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dgemm;

/**
 * Frechet (2-Wasserstein) distance, squared, between two Gaussians N(m1, S1) and N(m2, S2):
 *
 * <pre>  |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)</pre>
 *
 * (Dowson and Landau 1982; as a score of image generators Heusel et al. 2017, arXiv 1706.08500).
 *
 * <p>S1 S2 is not symmetric, and a square root of it by Schur decomposition strays into complex
 * numbers when a covariance is singular. Its eigenvalues, though, are those of a symmetric positive
 * semi-definite matrix: with S1 = U diag(w) U^T and B = diag(w)^(1/2) U^T they are the eigenvalues
 * of B S2 B^T, and the trace of the square root is the sum of their square roots. Two symmetric
 * eigendecompositions in float64, no complex number and nothing added to a diagonal.
 */
public final class FrechetDistance {

  private FrechetDistance() {}

  /**
   * The distance between two sets of features.
   *
   * @return at least 0; NaN when either side holds a number that is not finite, as features of a
   *     diverged generator do
   * @throws IllegalArgumentException when the dimensions differ
   */
  public static double between(Statistics a, Statistics b) {
    int d = a.dimensions();
    if (d != b.dimensions()) {
      throw new IllegalArgumentException(
          "no distance between features of " + d + " and of " + b.dimensions() + " dimensions");
    }
    if (!a.isFinite() || !b.isFinite()) {
      return Double.NaN;
    }
    double distance = 0;
    for (int i = 0; i < d; i++) {
      double shift = a.mean()[i] - b.mean()[i];
      distance += shift * shift + a.covariance()[i * d + i] + b.covariance()[i * d + i];
    }
    distance -= 2 * traceOfRootOfProduct(a.covariance(), b.covariance(), d);
    return Math.max(0, distance);
  }

  /** Trace of (S1 S2)^(1/2) for symmetric positive semi-definite S1, S2 [d, d]. */
  private static double traceOfRootOfProduct(double[] s1, double[] s2, int d) {
    double[] vectors = s1.clone();
    double[] values = eigenvalues(vectors, d, 'V');
    int first = firstPositive(values);
    int rank = d - first;
    if (rank == 0) {
      return 0;
    }
    // Column-major in LAPACK is row-major here with rows as eigenvectors: row k of B is
    // sqrt(w_k) u_k, and directions without variance are left out.
    double[] b = new double[rank * d];
    for (int k = 0; k < rank; k++) {
      double root = Math.sqrt(values[first + k]);
      for (int i = 0; i < d; i++) {
        b[k * d + i] = root * vectors[(first + k) * d + i];
      }
    }
    double[] bs2 = new double[rank * d];
    cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, rank, d, d, 1.0, b, d, s2, d, 0.0, bs2, d);
    double[] product = new double[rank * rank];
    cblas_dgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasTrans,
        rank,
        rank,
        d,
        1.0,
        bs2,
        d,
        b,
        d,
        0.0,
        product,
        rank);
    symmetrise(product, rank);
    double[] squares = eigenvalues(product, rank, 'N');
    double trace = 0;
    for (int k = firstPositive(squares); k < rank; k++) {
      trace += Math.sqrt(squares[k]);
    }
    return trace;
  }

  /**
   * Eigenvalues of a symmetric matrix, ascending; with job 'V' the matrix is overwritten with its
   * eigenvectors as rows, with 'N' it is destroyed.
   */
  private static double[] eigenvalues(double[] matrix, int n, char job) {
    double[] values = new double[n];
    int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, (byte) job, (byte) 'L', n, matrix, n, values);
    if (info != 0) {
      throw new IllegalStateException(
          "the eigenvalues of a symmetric matrix of order " + n + " were not found: info " + info);
    }
    return values;
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
