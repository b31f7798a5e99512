package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GELU in its tanh form, {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))} (Hendrycks, Gimpel
 * 2016).
 */
public final class GeluTanh {
  static final double CUBIC = 0.044715;
  static final double SCALE = Math.sqrt(2 / Math.PI);

  /** How it is computed; both ways give the same function. */
  interface Kernel {
    void forward(INDArray x, INDArray y);

    void backward(INDArray x, INDArray dy, INDArray dx);
  }

  private final Kernel kernel;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient;
  private @Nullable INDArray input;

  /**
   * @param inputGradient where backward's result lies, which may be shared with operations whose
   *     own is no longer needed when this one's is
   */
  public GeluTanh(Kernels kernels, Buffer inputGradient) {
    this.inputGradient = inputGradient;
    kernel =
        switch (kernels) {
          case FUSED -> new FusedGelu();
          case ND4J -> new ComposedGelu();
        };
  }

  public INDArray forward(INDArray x) {
    input = x;
    INDArray y = output.of(x.dataType(), x.shape());
    kernel.forward(x, y);
    return y;
  }

  public INDArray backward(INDArray dy) {
    INDArray dx = inputGradient.of(dy.dataType(), dy.shape());
    kernel.backward(Saved.of(input), dy, dx);
    return dx;
  }

  /** Counts the memory of forward and backward; returns the shape of the output. */
  public long[] countMemory(StepMemory memory, long... x) {
    memory.keepGradient(inputGradient, x);
    return memory.keep(x);
  }
}
