package org.fewstep.model.metrics.inception;

import java.util.function.DoubleUnaryOperator;

/** Weights of the old pixels of a row in each pixel of a new row. */
final class AxisResampling {
  private final int[] first;
  private final double[][] weights;

  private AxisResampling(int length) {
    this.first = new int[length];
    this.weights = new double[length][];
  }

  /**
   * Between the two nearest pixels.
   *
   * @param source from a new position to an old one
   */
  static AxisResampling linear(int from, int to, DoubleUnaryOperator source) {
    AxisResampling axis = new AxisResampling(to);
    for (int i = 0; i < to; i++) {
      double position = Math.max(0, source.applyAsDouble(i));
      int low = Math.min((int) position, from - 1);
      double fraction = position - low;
      axis.first[i] = low;
      axis.weights[i] = low + 1 < from ? new double[] {1 - fraction, fraction} : new double[] {1};
    }
    return axis;
  }

  /** Cubic convolution with a = -1/2, widened when the row shrinks, as Pillow resizes. */
  static AxisResampling cubic(int from, int to) {
    AxisResampling axis = new AxisResampling(to);
    double scale = from / (double) to;
    double filterScale = Math.max(1, scale);
    double support = 2 * filterScale;
    for (int i = 0; i < to; i++) {
      double centre = (i + 0.5) * scale;
      int start = Math.max(0, (int) (centre - support + 0.5));
      int end = Math.min(from, (int) (centre + support + 0.5));
      double[] weights = new double[end - start];
      double sum = 0;
      for (int j = 0; j < weights.length; j++) {
        weights[j] = cubic((j + start - centre + 0.5) / filterScale);
        sum += weights[j];
      }
      for (int j = 0; j < weights.length; j++) {
        weights[j] /= sum;
      }
      axis.first[i] = start;
      axis.weights[i] = weights;
    }
    return axis;
  }

  private static double cubic(double x) {
    double a = -0.5;
    double t = Math.abs(x);
    if (t < 1) {
      return ((a + 2) * t - (a + 3)) * t * t + 1;
    }
    return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
  }

  int length() {
    return first.length;
  }

  /** New pixel {@code i} of the row whose pixels lie {@code stride} apart from {@code start} on. */
  double at(int i, float[] pixels, int start, int stride) {
    double sum = 0;
    double[] w = weights[i];
    int position = start + first[i] * stride;
    for (double weight : w) {
      sum += weight * pixels[position];
      position += stride;
    }
    return sum;
  }
}
