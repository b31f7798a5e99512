package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code x + gate * h} on tokens [N,T,D]; the gate is each image's own, one part of its modulation
 * [N, parts * D].
 */
public final class GatedSum {
  /** How it is computed; both ways give the same function. */
  interface Kernel {
    /**
     * @param y receives the result
     */
    void forward(INDArray x, INDArray h, INDArray modulation, INDArray y);

    /**
     * @param dh receives d/dh
     * @param dModulation receives d/dmodulation in the part that is the gate
     */
    void backward(INDArray dy, INDArray h, INDArray modulation, INDArray dh, INDArray dModulation);
  }

  private final Kernel kernel;
  private final Buffer output = new Buffer();
  private final Buffer branchGradient;
  private @Nullable INDArray branch;
  private @Nullable INDArray condition;

  /**
   * @param gate which part of the modulation, counted in parts of length D
   * @param branchGradient where backward's result lies, which may be shared with operations whose
   *     own is no longer needed when this one's is
   */
  public GatedSum(int gate, Kernels kernels, Buffer branchGradient) {
    this.branchGradient = branchGradient;
    kernel =
        switch (kernels) {
          case FUSED -> new FusedGatedSum(gate);
          case ND4J -> new ComposedGatedSum(gate);
        };
  }

  public INDArray forward(INDArray x, INDArray h, INDArray modulation) {
    branch = h;
    condition = modulation;
    INDArray y = output.of(x.dataType(), x.shape());
    kernel.forward(x, h, modulation, y);
    return y;
  }

  /**
   * d/dh; d/dx is dy itself.
   *
   * @param dModulation receives its part
   */
  public INDArray backward(INDArray dy, INDArray dModulation) {
    INDArray dh = branchGradient.of(dy.dataType(), dy.shape());
    kernel.backward(dy, Saved.of(branch), Saved.of(condition), dh, dModulation);
    return dh;
  }

  /** Counts the memory of forward and backward; returns the shape of the output. */
  public long[] countMemory(StepMemory memory, long... x) {
    memory.keepGradient(branchGradient, x);
    return memory.keep(x);
  }
}
