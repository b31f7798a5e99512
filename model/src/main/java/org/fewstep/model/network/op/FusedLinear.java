package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.fewstep.model.network.op.Blas.Matrix;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Linear} by {@link Sgemm}, for float32 on the CPU. A stripe of the result is filled with
 * the bias right before its product is added, so that both happen in cache.
 */
final class FusedLinear implements Linear.Kernel {
  /** Rows that are added up in one go; fixed, so that sums do not depend on the threads. */
  private static final int ROWS_OF_SUM = 256;

  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final int in;
  private final int out;

  FusedLinear(Parameter weight, @Nullable Parameter bias, int in, int out) {
    this.weight = weight;
    this.bias = bias;
    this.in = in;
    this.out = out;
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    Matrix xs = Matrix.of(x);
    Matrix ys = Matrix.of(y);
    Matrix turned = weights(weight.value()).transpose();
    float[] b = bias == null ? null : values(bias.value());
    FloatBuffer to = NativeMemory.buffer(y);
    Sgemm.inStripes(
        rows(x),
        out,
        in,
        (from, until) -> {
          if (b != null) {
            for (int row = from; row < until; row++) {
              to.put(row * out, b);
            }
          }
          float keep = b == null ? 0 : 1;
          Sgemm.multiplyAlone(
              until - from, out, in, xs.fromRow(from), turned, keep, ys.fromRow(from));
        });
  }

  @Override
  public void backward(INDArray dy, INDArray dx) {
    Sgemm.multiply(rows(dy), in, out, Matrix.of(dy), weights(weight.value()), 0, Matrix.of(dx));
  }

  @Override
  public void backwardParameters(INDArray x, INDArray dy) {
    Sgemm.multiply(
        out, in, rows(x), Matrix.of(dy).transpose(), Matrix.of(x), 0, weights(weight.gradient()));
    if (bias != null) {
      NativeMemory.buffer(bias.gradient()).put(0, sumOfRows(NativeMemory.buffer(dy), rows(dy)));
    }
  }

  private float[] sumOfRows(FloatBuffer from, int rows) {
    float[][] sums = new float[(rows + ROWS_OF_SUM - 1) / ROWS_OF_SUM][];
    Parallel.forRange(
        sums.length,
        piece -> {
          float[] sum = new float[out];
          float[] row = new float[out];
          int until = Math.min(rows, (piece + 1) * ROWS_OF_SUM);
          for (int r = piece * ROWS_OF_SUM; r < until; r++) {
            from.get(r * out, row);
            FloatMath.add(row, sum);
          }
          sums[piece] = sum;
        });
    for (int piece = 1; piece < sums.length; piece++) {
      FloatMath.add(sums[piece], sums[0]);
    }
    return sums[0];
  }

  private Matrix weights(INDArray weights) {
    return new Matrix(NativeMemory.pointer(weights), in);
  }

  private static float[] values(INDArray vector) {
    float[] values = new float[Math.toIntExact(vector.length())];
    NativeMemory.buffer(vector).get(values);
    return values;
  }

  private static int rows(INDArray x) {
    return Math.toIntExact(x.size(0));
  }
}
