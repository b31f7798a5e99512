package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.fewstep.model.network.op.GroupNormSilu.Conditioning;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link GroupNormSilu} in one pass over memory forward and one backward, for float32 on the CPU,
 * on [N,C,H,W] or {@link ChannelBlocks} ({@link BlockedNorm}).
 *
 * <p>What separates a U-Net made of library operations from a fast one is not the convolutions but
 * the six to ten sweeps over memory that a GroupNorm made of single operations takes. Here one
 * (image, group) of typically 4 to 64 KiB is copied from native memory into a Java array, where it
 * stays in the first-level cache for the mean, the variance, the affine part and the SiLU, and is
 * copied back once.
 *
 * <p>The loops are written for HotSpot's vectoriser ({@link FloatMath}); the largest error of the
 * result against float64 is about 2e-6.
 *
 * <p>Only x is kept for backward, which recomputes the normalised values. The (image, group) pairs
 * are shared among threads; each writes its own part of the result, and the sums over images are
 * added in order, so the result does not depend on the number of threads.
 */
final class FusedGroupNormSilu implements GroupNormSilu.Kernel {
  private final Parameter gammaParameter;
  private final Parameter betaParameter;
  private final GroupNormSilu.Form form;
  private final int groups;
  private final boolean silu;

  private @Nullable INDArray input;
  private @Nullable INDArray condition;
  private float @Nullable [] shift;
  private float[] gamma = new float[0];
  private float[] beta = new float[0];
  private float[] means = new float[0];
  private float[] inverseDeviations = new float[0];

  FusedGroupNormSilu(Parameter gamma, Parameter beta, GroupNormSilu.Form form) {
    this.gammaParameter = gamma;
    this.betaParameter = beta;
    this.form = form;
    this.groups = form.groups();
    this.silu = form.silu();
  }

  @Override
  public void forward(INDArray x, @Nullable INDArray conditionArray, INDArray y) {
    input = x;
    condition = conditionArray;
    Shape shape = new Shape(x, groups);
    boolean shifts = form.conditioning() == Conditioning.SHIFT;
    shift = shifts && conditionArray != null ? floats(conditionArray) : null;
    loadAffine(shape.images);
    if (means.length != shape.rows) {
      means = new float[shape.rows];
      inverseDeviations = new float[shape.rows];
    }
    FloatBuffer from = NativeMemory.buffer(x);
    FloatBuffer to = NativeMemory.buffer(y);
    if (ChannelBlocks.are(x)) {
      BlockedNorm norm = blocked(shape);
      Parallel.forRange(norm.units(), unit -> norm.forward(unit, from, to));
    } else {
      Parallel.forRange(shape.rows, row -> forwardRow(shape, row, from, to));
    }
  }

  private BlockedNorm blocked(Shape shape) {
    return new BlockedNorm(
        new BlockedNorm.Sizes(shape.images, groups, shape.groupChannels, shape.pixels),
        form,
        new BlockedNorm.Channels(gamma, beta, shift),
        new BlockedNorm.Statistics(means, inverseDeviations));
  }

  /** The factor and the addend of each image's channel, [N,C], with the condition in them. */
  private void loadAffine(int images) {
    float[] g = gammaParameter.value().toFloatVector();
    float[] b = betaParameter.value().toFloatVector();
    int channels = g.length;
    if (gamma.length != images * channels) {
      gamma = new float[images * channels];
      beta = new float[images * channels];
    }
    float[] scaleAndShift = scaleAndShift();
    for (int image = 0; image < images; image++) {
      for (int c = 0; c < channels; c++) {
        int at = image * channels + c;
        float factor = scaleAndShift == null ? 1 : 1 + scaleAndShift[2 * image * channels + c];
        float addend = scaleAndShift == null ? 0 : scaleAndShift[(2 * image + 1) * channels + c];
        gamma[at] = g[c] * factor;
        beta[at] = b[c] * factor + addend;
      }
    }
  }

  private float @Nullable [] scaleAndShift() {
    return condition != null && form.conditioning() == Conditioning.SCALE_AND_SHIFT
        ? floats(condition)
        : null;
  }

  private void forwardRow(Shape shape, int row, FloatBuffer from, FloatBuffer to) {
    float[] values = Scratch.first(shape.rowLength);
    load(shape, row, from, values);
    float mean = FloatMath.sum(values, 0, shape.rowLength) / shape.rowLength;
    float variance = FloatMath.centredSquares(values, mean, shape.rowLength) / shape.rowLength;
    float inverse = (float) (1 / Math.sqrt(variance + form.epsilon()));
    means[row] = mean;
    inverseDeviations[row] = inverse;
    int firstChannel = row * shape.groupChannels;
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
  public void backward(INDArray dy, INDArray dx, @Nullable INDArray dCondition) {
    INDArray x = Saved.of(input);
    Shape shape = new Shape(x, groups);
    int channels = groups * shape.groupChannels;
    float[] gammaPartial = new float[shape.images * channels];
    float[] betaPartial = new float[shape.images * channels];
    float[] shiftGradient = new float[shift == null ? 0 : shape.images * channels];
    FloatBuffer xs = NativeMemory.buffer(x);
    FloatBuffer dys = NativeMemory.buffer(dy);
    FloatBuffer dxs = NativeMemory.buffer(dx);
    if (ChannelBlocks.are(x)) {
      BlockedNorm norm = blocked(shape);
      BlockedNorm.Gradients gradients =
          new BlockedNorm.Gradients(gammaPartial, betaPartial, shiftGradient);
      Parallel.forRange(norm.units(), unit -> norm.backward(unit, xs, dys, dxs, gradients));
    } else {
      Parallel.forRange(
          shape.rows,
          row -> backwardRow(shape, row, xs, dys, dxs, gammaPartial, betaPartial, shiftGradient));
    }
    float[] scaleAndShift = scaleAndShift();
    if (dCondition != null && scaleAndShift != null) {
      float[] gradient =
          throughCondition(scaleAndShift, gammaPartial, betaPartial, shape.images, channels);
      NativeMemory.buffer(dCondition).put(0, gradient);
    } else if (dCondition != null) {
      NativeMemory.buffer(dCondition).put(0, shiftGradient);
    }
    addImages(gammaPartial, shape.images, channels, gammaParameter.gradient());
    addImages(betaPartial, shape.images, channels, betaParameter.gradient());
  }

  /**
   * From the gradients of each image's factor and addend to those of scale and shift, which it
   * returns, and of gamma and beta, which it leaves in their place.
   */
  private float[] throughCondition(
      float[] scaleAndShift, float[] gammaPartial, float[] betaPartial, int images, int channels) {
    float[] g = gammaParameter.value().toFloatVector();
    float[] b = betaParameter.value().toFloatVector();
    float[] gradient = new float[scaleAndShift.length];
    for (int image = 0; image < images; image++) {
      for (int c = 0; c < channels; c++) {
        int at = image * channels + c;
        int scaleAt = 2 * image * channels + c;
        gradient[scaleAt] = g[c] * gammaPartial[at] + b[c] * betaPartial[at];
        gradient[scaleAt + channels] = betaPartial[at];
        gammaPartial[at] *= 1 + scaleAndShift[scaleAt];
        betaPartial[at] *= 1 + scaleAndShift[scaleAt];
      }
    }
    return gradient;
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
    int firstChannel = row * shape.groupChannels;
    float sumScaled = 0;
    float sumAlong = 0;
    for (int c = 0; c < shape.groupChannels; c++) {
      int start = c * shape.pixels;
      float scale = gamma[firstChannel + c];
      if (silu) {
        siluGradient(xHat, dz, start, start + shape.pixels, scale, beta[firstChannel + c]);
      }
      float betaSum = FloatMath.sum(dz, start, shape.pixels);
      float gammaSum = FloatMath.dot(dz, xHat, start, shape.pixels);
      betaPartial[firstChannel + c] = betaSum;
      gammaPartial[firstChannel + c] = gammaSum;
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
        shiftGradient[firstChannel + c] = FloatMath.sum(dz, start, shape.pixels);
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
      v[i] = z * FloatMath.sigmoid(z);
    }
  }

  /** Turns dy into dz, with z = gamma * xHat + beta and y = silu(z). */
  private static void siluGradient(
      float[] xHat, float[] dy, int from, int to, float gamma, float beta) {
    for (int i = from; i < to; i++) {
      float z = gamma * xHat[i] + beta;
      float gate = FloatMath.sigmoid(z);
      dy[i] *= gate + z * gate * (1 - gate);
    }
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
      groupChannels = Math.toIntExact(ChannelBlocks.channels(x)) / groups;
      pixels = Math.toIntExact(x.size(2) * x.size(3));
      rows = images * groups;
      rowLength = groupChannels * pixels;
    }
  }
}
