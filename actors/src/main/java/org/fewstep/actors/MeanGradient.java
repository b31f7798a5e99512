package org.fewstep.actors;

import java.util.Arrays;
import java.util.List;

/**
 * Mean of gradients, summed in float64 in the order of the list: the same gradients in the same
 * order give the same bits.
 */
public final class MeanGradient {
  /** Elements summed at a time, so that the sums stay in the processor's first cache. */
  private static final int BLOCK = 1024;

  private final float[] mean;

  private MeanGradient(float[] mean) {
    this.mean = mean;
  }

  /** The mean of at least one gradient, all of the same length. */
  public static MeanGradient of(List<float[]> gradients) {
    return of(gradients, List.of());
  }

  /**
   * The mean under weights.
   *
   * @param weights one for each gradient, all above 0; empty when all weigh the same
   */
  public static MeanGradient of(List<float[]> gradients, List<Double> weights) {
    if (!weights.isEmpty() && weights.size() != gradients.size()) {
      throw new IllegalArgumentException(
          "%d weights for %d gradients".formatted(weights.size(), gradients.size()));
    }
    double[] weight = new double[gradients.size()];
    Arrays.setAll(weight, i -> weights.isEmpty() ? 1 : weights.get(i));
    double whole = Arrays.stream(weight).sum();
    int length = gradients.get(0).length;
    float[] mean = new float[length];
    double[] sums = new double[BLOCK];
    for (int start = 0; start < length; start += BLOCK) {
      int count = Math.min(BLOCK, length - start);
      Arrays.fill(sums, 0);
      for (int k = 0; k < weight.length; k++) {
        float[] gradient = gradients.get(k);
        double w = weight[k];
        for (int i = 0; i < count; i++) {
          sums[i] += w * gradient[start + i];
        }
      }
      for (int i = 0; i < count; i++) {
        mean[start + i] = (float) (sums[i] / whole);
      }
    }
    return new MeanGradient(mean);
  }

  public float[] values() {
    return mean;
  }

  /** Euclidean norm. */
  public double norm() {
    return Norms.euclidean(mean);
  }
}
