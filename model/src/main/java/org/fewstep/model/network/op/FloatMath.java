package org.fewstep.model.network.op;

/**
 * Arithmetic on float arrays, written for HotSpot's vectoriser, which turns element-wise float
 * loops into vector instructions but leaves the order of a sum alone: so sums run in eight
 * independent chains.
 */
final class FloatMath {
  private FloatMath() {}

  /** 1/2 + tanh(z/2)/2. */
  static float sigmoid(float z) {
    return 0.5f + 0.5f * tanh(0.5f * z);
  }

  /** The usual 13/6 rational approximation, clamped where float32 tanh is 1. */
  static float tanh(float z) {
    float x = Math.max(-7.9053111f, Math.min(7.9053111f, z));
    float s = x * x;
    float p = -2.76076847742355e-16f * s + 2.00018790482477e-13f;
    p = p * s - 8.60467152213735e-11f;
    p = p * s + 5.12229709037114e-08f;
    p = p * s + 1.48572235717979e-05f;
    p = p * s + 6.37261928875436e-04f;
    p = p * s + 4.89352455891786e-03f;
    float q = 1.19825839466702e-06f * s + 1.18534705686654e-04f;
    q = q * s + 2.26843463243900e-03f;
    q = q * s + 4.89352518554385e-03f;
    return x * p / q;
  }

  static float sum(float[] v, int from, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int to = from + length;
    int i = from;
    for (; i <= to - 8; i += 8) {
      s0 += v[i];
      s1 += v[i + 1];
      s2 += v[i + 2];
      s3 += v[i + 3];
      s4 += v[i + 4];
      s5 += v[i + 5];
      s6 += v[i + 6];
      s7 += v[i + 7];
    }
    for (; i < to; i++) {
      s0 += v[i];
    }
    return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
  }

  static float centredSquares(float[] v, float mean, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i <= length - 8; i += 8) {
      s0 += (v[i] - mean) * (v[i] - mean);
      s1 += (v[i + 1] - mean) * (v[i + 1] - mean);
      s2 += (v[i + 2] - mean) * (v[i + 2] - mean);
      s3 += (v[i + 3] - mean) * (v[i + 3] - mean);
      s4 += (v[i + 4] - mean) * (v[i + 4] - mean);
      s5 += (v[i + 5] - mean) * (v[i + 5] - mean);
      s6 += (v[i + 6] - mean) * (v[i + 6] - mean);
      s7 += (v[i + 7] - mean) * (v[i + 7] - mean);
    }
    for (; i < length; i++) {
      s0 += (v[i] - mean) * (v[i] - mean);
    }
    return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
  }

  static float dot(float[] v, float[] w, int from, int length) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int to = from + length;
    int i = from;
    for (; i <= to - 8; i += 8) {
      s0 += v[i] * w[i];
      s1 += v[i + 1] * w[i + 1];
      s2 += v[i + 2] * w[i + 2];
      s3 += v[i + 3] * w[i + 3];
      s4 += v[i + 4] * w[i + 4];
      s5 += v[i + 5] * w[i + 5];
      s6 += v[i + 6] * w[i + 6];
      s7 += v[i + 7] * w[i + 7];
    }
    for (; i < to; i++) {
      s0 += v[i] * w[i];
    }
    return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7));
  }

  static float max(float[] v) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float x : v) {
      largest = Math.max(largest, x);
    }
    return largest;
  }

  /** {@code sum += v}. */
  static void add(float[] v, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += v[i];
    }
  }

  static void scale(float[] v, float factor) {
    for (int i = 0; i < v.length; i++) {
      v[i] *= factor;
    }
  }
}
