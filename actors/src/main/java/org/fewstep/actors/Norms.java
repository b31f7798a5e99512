package org.fewstep.actors;

/** Lengths of vectors. */
public final class Norms {
  /** Independent sums, so that an addition need not wait for the one before it. */
  private static final int CHAINS = 4;

  private Norms() {}

  /** Euclidean norm, summed in float64 in an order that depends on the length alone. */
  public static double euclidean(float[] vector) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i <= vector.length - CHAINS; i += CHAINS) {
      s0 += (double) vector[i] * vector[i];
      s1 += (double) vector[i + 1] * vector[i + 1];
      s2 += (double) vector[i + 2] * vector[i + 2];
      s3 += (double) vector[i + 3] * vector[i + 3];
    }
    for (; i < vector.length; i++) {
      s0 += (double) vector[i] * vector[i];
    }
    return Math.sqrt((s0 + s1) + (s2 + s3));
  }
}
