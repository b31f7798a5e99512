package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link GroupNormSilu} in one pass over memory forward and one backward, for float32 on the CPU.
 *
 * <p>What separates a U-Net made of library operations from a fast one is not the convolutions but
 * the six to ten sweeps over memory that a GroupNorm made of single operations takes. Here one
 * (image, group) of typically 4 to 64 KiB is copied from native memory into a Java array, where it
 * stays in the first-level cache for the mean, the variance, the affine part and the SiLU, and is
 * copied back once.
 *
 * <p>The loops are written for HotSpot's vectoriser, which turns element-wise float loops into
 * vector instructions but leaves the order of a sum alone: so sums run in eight independent chains.
 * The sigmoid is 1/2 + tanh(z/2)/2 with the usual 13/6 rational approximation of tanh, clamped
 * where float32 tanh is 1; the largest error of the result against float64 is about 2e-6.
 *
 * <p>Only x is kept for backward, which recomputes the normalised values. The (image, group) pairs
 * are shared among threads; each writes its own part of the result, and the sums over images are
 * added in order, so the result does not depend on the number of threads.
 */
final class FusedGroupNormSilu implements GroupNormSilu.Kernel {
  private final Parameter gammaParameter;
  private final Parameter betaParameter;
  private final int groups;
  private final boolean silu;

  private @Nullable INDArray input;
  private float[] gamma = new float[0];
  private float[] beta = new float[0];
  private float @Nullable [] shift;
  private float[] means = new float[0];
  private float[] inverseDeviations = new float[0];

  FusedGroupNormSilu(Parameter gamma, Parameter beta, int groups, boolean silu) {
    this.gammaParameter = gamma;
    this.betaParameter = beta;
    this.groups = groups;
    this.silu = silu;
  }

  @Override
  public void forward(INDArray x, @Nullable INDArray shiftArray, INDArray y) {
    input = x;
    gamma = gammaParameter.value().toFloatVector();
    beta = betaParameter.value().toFloatVector();
    shift = shiftArray == null ? null : floats(shiftArray);
    Shape shape = new Shape(x, groups);
    if (means.length != shape.rows) {
      means = new float[shape.rows];
      inverseDeviations = new float[shape.rows];
    }
    FloatBuffer from = NativeMemory.buffer(x);
    FloatBuffer to = NativeMemory.buffer(y);
    Parallel.forRange(shape.rows, row -> forwardRow(shape, row, from, to));
  }

  private void forwardRow(Shape shape, int row, FloatBuffer from, FloatBuffer to) {
    float[] values = Scratch.first(shape.rowLength);
    load(shape, row, from, values);
    float mean = sum(values, 0, shape.rowLength) / shape.rowLength;
    float variance = centredSquares(values, mean, shape.rowLength) / shape.rowLength;
    float inverse = (float) (1 / Math.sqrt(variance + GroupNormSilu.EPSILON));
    means[row] = mean;
    inverseDeviations[row] = inverse;
    int firstChannel = (row % groups) * shape.groupChannels;
    for (int c = 0; c < shape.groupChannels; c++) {
      float a = gamma[firstChannel + c] * inverse;
      float b = beta[firstChannel + c] - mean * a;
      int start = c * shape.pixels;
      if (silu) {
        affineSilu(values, start, start + shape.pixels, a, b);
      } else {
        affine(values, start, start + shape.pixels, a, b);
      }
    }
    to.put(row * shape.rowLength, values, 0, shape.rowLength);
  }

  @Override
  public void backward(INDArray dy, INDArray dx, @Nullable INDArray dShift) {
    INDArray x = Saved.of(input);
    Shape shape = new Shape(x, groups);
    int channels = groups * shape.groupChannels;
    float[] gammaPartial = new float[shape.images * channels];
    float[] betaPartial = new float[shape.images * channels];
    float[] shiftGradient = new float[dShift == null ? 0 : shape.images * channels];
    FloatBuffer xs = NativeMemory.buffer(x);
    FloatBuffer dys = NativeMemory.buffer(dy);
    FloatBuffer dxs = NativeMemory.buffer(dx);
    Parallel.forRange(
        shape.rows,
        row -> backwardRow(shape, row, xs, dys, dxs, gammaPartial, betaPartial, shiftGradient));
    addImages(gammaPartial, shape.images, channels, gammaParameter.gradient());
    addImages(betaPartial, shape.images, channels, betaParameter.gradient());
    if (dShift != null) {
      NativeMemory.buffer(dShift).put(0, shiftGradient);
    }
  }

  private void backwardRow(
      Shape shape,
      int row,
      FloatBuffer xs,
      FloatBuffer dys,
      FloatBuffer dxs,
      float[] gammaPartial,
      float[] betaPartial,
      float[] shiftGradient) {
    int length = shape.rowLength;
    float[] xHat = Scratch.first(length);
    float[] dz = Scratch.second(length);
    load(shape, row, xs, xHat);
    dys.get(row * length, dz, 0, length);
    float inverse = inverseDeviations[row];
    affine(xHat, 0, length, inverse, -means[row] * inverse);
    int firstChannel = (row % groups) * shape.groupChannels;
    int firstPartial = row / groups * groups * shape.groupChannels + firstChannel;
    float sumScaled = 0;
    float sumAlong = 0;
    for (int c = 0; c < shape.groupChannels; c++) {
      int start = c * shape.pixels;
      float scale = gamma[firstChannel + c];
      if (silu) {
        siluGradient(xHat, dz, start, start + shape.pixels, scale, beta[firstChannel + c]);
      }
      float betaSum = sum(dz, start, shape.pixels);
      float gammaSum = dot(dz, xHat, start, shape.pixels);
      betaPartial[firstPartial + c] = betaSum;
      gammaPartial[firstPartial + c] = gammaSum;
      sumScaled += scale * betaSum;
      sumAlong += scale * gammaSum;
    }
    float meanScaled = sumScaled / length;
    float meanAlong = sumAlong / length;
    for (int c = 0; c < shape.groupChannels; c++) {
      int start = c * shape.pixels;
      float scale = gamma[firstChannel + c];
      for (int i = start; i < start + shape.pixels; i++) {
        dz[i] = inverse * (scale * dz[i] - meanScaled - xHat[i] * meanAlong);
      }
      if (shift != null) {
        shiftGradient[firstPartial + c] = sum(dz, start, shape.pixels);
      }
    }
    dxs.put(row * length, dz, 0, length);
  }

  /** Copies one (image, group), shifted by its channels' numbers. */
  private void load(Shape shape, int row, FloatBuffer from, float[] values) {
    from.get(row * shape.rowLength, values, 0, shape.rowLength);
    if (shift != null) {
      int firstChannel = row * shape.groupChannels;
      for (int c = 0; c < shape.groupChannels; c++) {
        float number = shift[firstChannel + c];
        int start = c * shape.pixels;
        for (int i = start; i < start + shape.pixels; i++) {
          values[i] += number;
        }
      }
    }
  }

  private static void affine(float[] v, int from, int to, float a, float b) {
    for (int i = from; i < to; i++) {
      v[i] = a * v[i] + b;
    }
  }

  private static void affineSilu(float[] v, int from, int to, float a, float b) {
    for (int i = from; i < to; i++) {
      float z = a * v[i] + b;
      v[i] = z * sigmoid(z);
    }
  }

  /** Turns dy into dz, with z = gamma * xHat + beta and y = silu(z). */
  private static void siluGradient(
      float[] xHat, float[] dy, int from, int to, float gamma, float beta) {
    for (int i = from; i < to; i++) {
      float z = gamma * xHat[i] + beta;
      float gate = sigmoid(z);
      dy[i] *= gate + z * gate * (1 - gate);
    }
  }

  private static float sigmoid(float z) {
    float x = Math.max(-7.9053111f, Math.min(7.9053111f, 0.5f * z));
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
    return 0.5f + 0.5f * (x * p / q);
  }

  private static float sum(float[] v, int from, int length) {
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

  private static float centredSquares(float[] v, float mean, int length) {
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

  private static float dot(float[] v, float[] w, int from, int length) {
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

  private static void addImages(float[] partial, int images, int channels, INDArray gradient) {
    double[] total = new double[channels];
    for (int image = 0; image < images; image++) {
      for (int c = 0; c < channels; c++) {
        total[c] += partial[image * channels + c];
      }
    }
    float[] result = new float[channels];
    for (int c = 0; c < channels; c++) {
      result[c] = (float) total[c];
    }
    NativeMemory.buffer(gradient).put(0, result);
  }

  private static float[] floats(INDArray array) {
    float[] values = new float[Math.toIntExact(array.length())];
    NativeMemory.buffer(array).get(0, values);
    return values;
  }

  /** Sizes of [N,C,H,W] seen as N * groups rows. */
  private static final class Shape {
    final int images;
    final int groupChannels;
    final int pixels;
    final int rows;
    final int rowLength;

    Shape(INDArray x, int groups) {
      images = Math.toIntExact(x.size(0));
      groupChannels = Math.toIntExact(x.size(1)) / groups;
      pixels = Math.toIntExact(x.size(2) * x.size(3));
      rows = images * groups;
      rowLength = groupChannels * pixels;
    }
  }

  /** Arrays of a thread, kept between calls. */
  private static final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    private float[] first = new float[0];
    private float[] second = new float[0];

    static float[] first(int length) {
      Scratch scratch = OF_THREAD.get();
      if (scratch.first.length < length) {
        scratch.first = new float[length];
      }
      return scratch.first;
    }

    static float[] second(int length) {
      Scratch scratch = OF_THREAD.get();
      if (scratch.second.length < length) {
        scratch.second = new float[length];
      }
      return scratch.second;
    }
  }
}
