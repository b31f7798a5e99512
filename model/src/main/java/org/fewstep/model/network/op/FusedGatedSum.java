package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link GatedSum} in one pass over memory, for float32 on the CPU. */
final class FusedGatedSum implements GatedSum.Kernel {
  private final int gate;

  FusedGatedSum(int gate) {
    this.gate = gate;
  }

  @Override
  public void forward(INDArray x, INDArray h, INDArray modulation, INDArray y) {
    TokenShape shape = new TokenShape(x);
    FloatBuffer xs = NativeMemory.buffer(x);
    FloatBuffer hs = NativeMemory.buffer(h);
    FloatBuffer ys = NativeMemory.buffer(y);
    Parallel.forRange(
        shape.images,
        image -> {
          float[] factor = shape.part(modulation, image, gate);
          float[] sum = new float[shape.width];
          float[] branch = new float[shape.width];
          for (int token = image * shape.tokens; token < (image + 1) * shape.tokens; token++) {
            xs.get(token * shape.width, sum);
            hs.get(token * shape.width, branch);
            for (int d = 0; d < sum.length; d++) {
              sum[d] += factor[d] * branch[d];
            }
            ys.put(token * shape.width, sum);
          }
        });
  }

  @Override
  public void backward(
      INDArray dy, INDArray h, INDArray modulation, INDArray dh, INDArray dModulation) {
    TokenShape shape = new TokenShape(dy);
    FloatBuffer dys = NativeMemory.buffer(dy);
    FloatBuffer hs = NativeMemory.buffer(h);
    FloatBuffer dhs = NativeMemory.buffer(dh);
    Parallel.forRange(
        shape.images,
        image -> {
          float[] factor = shape.part(modulation, image, gate);
          float[] gradient = new float[shape.width];
          float[] g = new float[shape.width];
          float[] branch = new float[shape.width];
          for (int token = image * shape.tokens; token < (image + 1) * shape.tokens; token++) {
            dys.get(token * shape.width, g);
            hs.get(token * shape.width, branch);
            for (int d = 0; d < g.length; d++) {
              gradient[d] += g[d] * branch[d];
              g[d] *= factor[d];
            }
            dhs.put(token * shape.width, g);
          }
          shape.putPart(dModulation, image, gate, gradient);
        });
  }
}
