package org.fewstep.model.metrics;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasLower;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dsyrk;

import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;

/**
 * What a Frechet distance is too large by because it is estimated from few samples: the distance
 * between a Gaussian with the reference's covariance and as many draws from it. A perfect generator
 * would score about that (exactly that if its features were Gaussian).
 *
 * <p>The distance does not change under rotations, so the draws are made where the covariance is
 * diagonal, and for n draws the root of the product has the eigenvalues of a matrix of order n.
 */
public final class FrechetBias {
  private FrechetBias() {}

  /**
   * The distance of {@code samples} draws, by one simulation; its spread is small beside it.
   *
   * @param samples at least 2, at most the dimensions
   */
  public static double simulated(Statistics reference, int samples, long seed) {
    int d = reference.dimensions();
    int n = samples;
    if (n < 2 || n > d) {
      throw new IllegalArgumentException(n + " samples for " + d + " dimensions");
    }
    double[] variances = SymmetricMatrix.eigenvalues(reference.covariance().clone(), d);
    double[] draws = new double[n * d];
    double[] mean = new double[d];
    for (int row = 0; row < n; row++) {
      CounterRandom.of(seed, Purpose.SCORE_GAUSSIAN, row)
          .fillGaussian(draws, row * d, (row + 1) * d, 1.0);
      for (int i = 0; i < d; i++) {
        draws[row * d + i] *= Math.sqrt(Math.max(0, variances[i]));
        mean[i] += draws[row * d + i] / n;
      }
    }
    double distance = 0;
    for (int i = 0; i < d; i++) {
      distance += mean[i] * mean[i] + Math.max(0, variances[i]);
      for (int row = 0; row < n; row++) {
        double centred = draws[row * d + i] - mean[i];
        distance += centred * centred / (n - 1);
        draws[row * d + i] = centred * Math.sqrt(Math.max(0, variances[i]) / (n - 1));
      }
    }
    double[] gram = new double[n * n];
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, n, d, 1.0, draws, d, 0.0, gram, n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        gram[j * n + i] = gram[i * n + j];
      }
    }
    double[] squares = SymmetricMatrix.eigenvalues(gram, n);
    return Math.max(0, distance - 2 * SymmetricMatrix.sumOfRoots(squares, n - 1));
  }
}
