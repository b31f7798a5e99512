package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link GeluTanh} in one pass over memory, for float32 on the CPU. */
final class FusedGelu implements GeluTanh.Kernel {
  private static final int PIECE = 4096;
  private static final float CUBIC = (float) GeluTanh.CUBIC;
  private static final float SCALE = (float) GeluTanh.SCALE;

  /**
   * Beyond it tanh is 1 in float32, and the slope's second term, a large number times what rounding
   * left of 1 - tanh^2, would be noise.
   */
  private static final float SATURATED = 5;

  @Override
  public void forward(INDArray x, INDArray y) {
    FloatBuffer xs = NativeMemory.buffer(x);
    FloatBuffer ys = NativeMemory.buffer(y);
    int length = Math.toIntExact(x.length());
    Parallel.forRange(
        pieces(length),
        piece -> {
          float[] v = new float[Math.min(PIECE, length - piece * PIECE)];
          xs.get(piece * PIECE, v);
          for (int i = 0; i < v.length; i++) {
            float z = v[i];
            v[i] = 0.5f * z * (1 + FloatMath.tanh(SCALE * z * (1 + CUBIC * z * z)));
          }
          ys.put(piece * PIECE, v);
        });
  }

  @Override
  public void backward(INDArray x, INDArray dy, INDArray dx) {
    FloatBuffer xs = NativeMemory.buffer(x);
    FloatBuffer dys = NativeMemory.buffer(dy);
    FloatBuffer dxs = NativeMemory.buffer(dx);
    int length = Math.toIntExact(x.length());
    Parallel.forRange(
        pieces(length),
        piece -> {
          float[] v = new float[Math.min(PIECE, length - piece * PIECE)];
          float[] g = new float[v.length];
          xs.get(piece * PIECE, v);
          dys.get(piece * PIECE, g);
          for (int i = 0; i < v.length; i++) {
            float z = v[i];
            float t = FloatMath.tanh(SCALE * z * (1 + CUBIC * z * z));
            float near = Math.max(-SATURATED, Math.min(SATURATED, z));
            float inner = SCALE * (1 + 3 * CUBIC * near * near);
            g[i] *= 0.5f * (1 + t + near * (1 - t * t) * inner);
          }
          dxs.put(piece * PIECE, g);
        });
  }

  private static int pieces(int length) {
    return (length + PIECE - 1) / PIECE;
  }
}
