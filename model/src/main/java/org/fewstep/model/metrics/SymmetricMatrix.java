package org.fewstep.model.metrics;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;

/** Eigenvalues of symmetric matrices by LAPACK, in float64. */
final class SymmetricMatrix {
  private SymmetricMatrix() {}

  /** Eigenvalues, ascending; the matrix [n, n] is destroyed. */
  static double[] eigenvalues(double[] matrix, int n) {
    return decompose(matrix, n, 'N');
  }

  /** Eigenvalues, ascending; the matrix [n, n] is overwritten with its eigenvectors as rows. */
  static double[] eigenvectors(double[] matrix, int n) {
    return decompose(matrix, n, 'V');
  }

  /** Sum of the roots of the {@code most} largest of ascending eigenvalues, negative ones as 0. */
  static double sumOfRoots(double[] ascending, int most) {
    double sum = 0;
    for (int k = Math.max(0, ascending.length - most); k < ascending.length; k++) {
      sum += Math.sqrt(Math.max(0, ascending[k]));
    }
    return sum;
  }

  private static double[] decompose(double[] matrix, int n, char job) {
    double[] values = new double[n];
    int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, (byte) job, (byte) 'L', n, matrix, n, values);
    if (info != 0) {
      throw new IllegalStateException(
          "the eigenvalues of a symmetric matrix of order " + n + " were not found: info " + info);
    }
    return values;
  }
}
