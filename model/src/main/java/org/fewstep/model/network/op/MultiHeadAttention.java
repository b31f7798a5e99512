package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code softmax(q k^T / sqrt(D / heads)) v} of tokens, from [N,T,3D] to [N,T,D]: of each token's
 * numbers the first D are q, then k, then v, each with one head after the other.
 */
public final class MultiHeadAttention {
  /** How it is computed; both ways give the same function. */
  interface Kernel {
    /**
     * @param y receives the result
     */
    void forward(INDArray qkv, INDArray y);

    /**
     * Of the last forward.
     *
     * @param dQkv receives d/dqkv
     */
    void backward(INDArray qkv, INDArray dy, INDArray dQkv);
  }

  private final Kernel kernel;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private @Nullable INDArray input;

  public MultiHeadAttention(int heads, Kernels kernels) {
    kernel =
        switch (kernels) {
          case FUSED -> new FusedAttention(heads);
          case ND4J -> new ComposedAttention(heads);
        };
  }

  public INDArray forward(INDArray qkv) {
    input = qkv;
    INDArray y = output.of(qkv.dataType(), qkv.size(0), qkv.size(1), qkv.size(2) / 3);
    kernel.forward(qkv, y);
    return y;
  }

  public INDArray backward(INDArray dy) {
    INDArray qkv = Saved.of(input);
    INDArray dQkv = inputGradient.of(qkv.dataType(), qkv.shape());
    kernel.backward(qkv, dy, dQkv);
    return dQkv;
  }
}
