package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link ModulatedLayerNorm} in one pass over memory forward and one backward, for float32 on the
 * CPU. A token at a time is copied into a Java array; only x and each token's mean and deviation
 * are kept for backward.
 */
final class FusedLayerNorm implements ModulatedLayerNorm.Kernel {
  private final ModulatedLayerNorm.Parts parts;
  private @Nullable INDArray input;
  private @Nullable INDArray condition;
  private float[] means = new float[0];
  private float[] inverseDeviations = new float[0];

  FusedLayerNorm(ModulatedLayerNorm.Parts parts) {
    this.parts = parts;
  }

  @Override
  public void forward(INDArray x, INDArray modulation, INDArray y) {
    input = x;
    condition = modulation;
    TokenShape shape = new TokenShape(x);
    if (means.length != shape.images * shape.tokens) {
      means = new float[shape.images * shape.tokens];
      inverseDeviations = new float[shape.images * shape.tokens];
    }
    FloatBuffer from = NativeMemory.buffer(x);
    FloatBuffer to = NativeMemory.buffer(y);
    Parallel.forRange(shape.images, image -> forwardImage(shape, image, modulation, from, to));
  }

  private void forwardImage(
      TokenShape shape, int image, INDArray modulation, FloatBuffer from, FloatBuffer to) {
    int width = shape.width;
    float[] factor = shape.part(modulation, image, parts.scale());
    float[] addend = shape.part(modulation, image, parts.shift());
    for (int d = 0; d < width; d++) {
      factor[d] += 1;
    }
    float[] v = new float[width];
    for (int token = image * shape.tokens; token < (image + 1) * shape.tokens; token++) {
      from.get(token * width, v);
      float mean = FloatMath.sum(v, 0, width) / width;
      float variance = FloatMath.centredSquares(v, mean, width) / width;
      float inverse = (float) (1 / Math.sqrt(variance + ModulatedLayerNorm.EPSILON));
      means[token] = mean;
      inverseDeviations[token] = inverse;
      for (int d = 0; d < width; d++) {
        v[d] = (v[d] - mean) * inverse * factor[d] + addend[d];
      }
      to.put(token * width, v);
    }
  }

  @Override
  public void backward(INDArray dy, INDArray dx, INDArray dModulation) {
    INDArray x = Saved.of(input);
    INDArray modulation = Saved.of(condition);
    TokenShape shape = new TokenShape(x);
    FloatBuffer xs = NativeMemory.buffer(x);
    FloatBuffer dys = NativeMemory.buffer(dy);
    FloatBuffer dxs = NativeMemory.buffer(dx);
    Parallel.forRange(
        shape.images, image -> backwardImage(shape, image, modulation, xs, dys, dxs, dModulation));
  }

  private void backwardImage(
      TokenShape shape,
      int image,
      INDArray modulation,
      FloatBuffer xs,
      FloatBuffer dys,
      FloatBuffer dxs,
      INDArray dModulation) {
    int width = shape.width;
    float[] factor = shape.part(modulation, image, parts.scale());
    for (int d = 0; d < width; d++) {
      factor[d] += 1;
    }
    float[] dScale = new float[width];
    float[] dShift = new float[width];
    float[] xHat = new float[width];
    float[] g = new float[width];
    for (int token = image * shape.tokens; token < (image + 1) * shape.tokens; token++) {
      xs.get(token * width, xHat);
      dys.get(token * width, g);
      float mean = means[token];
      float inverse = inverseDeviations[token];
      for (int d = 0; d < width; d++) {
        xHat[d] = (xHat[d] - mean) * inverse;
        dScale[d] += g[d] * xHat[d];
        dShift[d] += g[d];
        g[d] *= factor[d];
      }
      float meanGradient = FloatMath.sum(g, 0, width) / width;
      float meanAlong = FloatMath.dot(g, xHat, 0, width) / width;
      for (int d = 0; d < width; d++) {
        g[d] = inverse * (g[d] - meanGradient - xHat[d] * meanAlong);
      }
      dxs.put(token * width, g);
    }
    shape.putPart(dModulation, image, parts.scale(), dScale);
    shape.putPart(dModulation, image, parts.shift(), dShift);
  }
}
