package org.fewstep.model.network.op;

import java.util.List;

/**
 * One dimension of a resampling filter.
 *
 * @param taps scaled to sum 1
 * @param padding zeros before and after what is halved
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FirFilter(float[] taps, int padding) {
  static FirFilter of(List<Integer> filter, int padding) {
    int sum = filter.stream().mapToInt(Integer::intValue).sum();
    float[] taps = new float[filter.size()];
    for (int i = 0; i < taps.length; i++) {
      taps[i] = filter.get(i) / (float) sum;
    }
    return new FirFilter(taps, padding);
  }

  /** The halving as a matrix [out, in], row-major. */
  double[] matrix(int out, int in) {
    double[] matrix = new double[out * in];
    for (int y = 0; y < out; y++) {
      for (int k = 0; k < taps.length; k++) {
        int x = 2 * y + k - padding;
        if (x >= 0 && x < in) {
          matrix[y * in + x] += taps[k];
        }
      }
    }
    return matrix;
  }
}
