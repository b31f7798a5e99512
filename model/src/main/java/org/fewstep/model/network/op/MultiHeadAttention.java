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

  private final int heads;
  private final Kernel kernel;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient;
  private @Nullable INDArray input;

  public MultiHeadAttention(int heads, Kernels kernels) {
    this(heads, kernels, new Buffer());
  }

  /**
   * @param inputGradient where backward's result lies, which may be shared with operations whose
   *     own is no longer needed when this one's is
   */
  public MultiHeadAttention(int heads, Kernels kernels, Buffer inputGradient) {
    this.heads = heads;
    this.inputGradient = inputGradient;
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

  /**
   * Counts the memory of forward and backward.
   *
   * @param qkv shape of the input
   * @return shape of the output
   */
  public long[] countMemory(StepMemory memory, long... qkv) {
    int together = Parallel.workers(Math.toIntExact(qkv[0] * heads));
    memory.keep(together, qkv[1], qkv[1]);
    memory.keepGradient(together, qkv[1], qkv[1]);
    memory.keepGradient(inputGradient, qkv);
    memory.keepOnHeap(StepMemory.bytes(qkv[0], heads, qkv[1]));
    return memory.keep(qkv[0], qkv[1], qkv[2] / 3);
  }
}
