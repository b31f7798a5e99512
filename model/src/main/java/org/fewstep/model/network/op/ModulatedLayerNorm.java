package org.fewstep.model.network.op;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code layerNorm(x) * (1 + scale) + shift} on tokens [N,T,D], without an affine part of its own;
 * scale and shift are each image's own, parts of its modulation [N, parts * D]. Epsilon is 1e-6,
 * variance the biased one (Peebles, Xie, "Scalable diffusion models with transformers", 2023).
 */
public final class ModulatedLayerNorm {
  static final double EPSILON = 1e-6;

  /**
   * Which parts of the modulation it reads.
   *
   * @param shift counted in parts of length D
   */
  public record Parts(int shift, int scale) {}

  /** How it is computed; both ways give the same function. */
  interface Kernel {
    /**
     * @param y receives the result
     */
    void forward(INDArray x, INDArray modulation, INDArray y);

    /**
     * Of the last forward.
     *
     * @param dx receives d/dx
     * @param dModulation receives d/dmodulation in the parts that were read
     */
    void backward(INDArray dy, INDArray dx, INDArray dModulation);
  }

  private final Kernel kernel;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient;

  public ModulatedLayerNorm(Parts parts, Kernels kernels) {
    this(parts, kernels, new Buffer());
  }

  /**
   * @param inputGradient where backward's result lies, which may be shared with operations whose
   *     own is no longer needed when this one's is
   */
  public ModulatedLayerNorm(Parts parts, Kernels kernels, Buffer inputGradient) {
    this.inputGradient = inputGradient;
    kernel =
        switch (kernels) {
          case FUSED -> new FusedLayerNorm(parts);
          case ND4J -> new ComposedLayerNorm(parts);
        };
  }

  public INDArray forward(INDArray x, INDArray modulation) {
    INDArray y = output.of(x.dataType(), x.shape());
    kernel.forward(x, modulation, y);
    return y;
  }

  /**
   * @param dModulation receives its part
   */
  public INDArray backward(INDArray dy, INDArray dModulation) {
    INDArray dx = inputGradient.of(dy.dataType(), dy.shape());
    kernel.backward(dy, dx, dModulation);
    return dx;
  }

  /** Counts the memory of forward and backward; returns the shape of the output. */
  public long[] countMemory(StepMemory memory, long... x) {
    memory.keepGradient(inputGradient, x);
    return memory.keep(x);
  }
}
