package org.fewstep.actors.server;

import java.util.Arrays;
import java.util.List;
import org.fewstep.actors.Norms;

/**
 * Mean of the gradients of equally large units, summed in float64 in the order of the list: the
 * same units in the same order give the same bits.
 */
final class MeanGradient {
  /** Elements summed at a time, so that the sums stay in the processor's first cache. */
  private static final int BLOCK = 1024;

  private final float[] mean;

  private MeanGradient(float[] mean) {
    this.mean = mean;
  }

  /** The mean of at least one gradient, all of the same length. */
  static MeanGradient of(List<float[]> gradients) {
    int length = gradients.get(0).length;
    float[] mean = new float[length];
    double[] sums = new double[BLOCK];
    for (int start = 0; start < length; start += BLOCK) {
      int count = Math.min(BLOCK, length - start);
      Arrays.fill(sums, 0);
      for (float[] gradient : gradients) {
        for (int i = 0; i < count; i++) {
          sums[i] += gradient[start + i];
        }
      }
      for (int i = 0; i < count; i++) {
        mean[start + i] = (float) (sums[i] / gradients.size());
      }
    }
    return new MeanGradient(mean);
  }

  float[] values() {
    return mean;
  }

  /** Euclidean norm. */
  double norm() {
    return Norms.euclidean(mean);
  }
}
