package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code y = x W^T + b}: [N,in] to [N,out]; W is [out,in] as in the official checkpoints, or of any
 * shape with the same elements.
 */
public final class Linear {
  /** How it is computed; both ways give the same function. */
  interface Kernel {
    /**
     * @param y receives the result
     */
    void forward(INDArray x, INDArray y);

    /**
     * @param dx receives d/dx
     */
    void backward(INDArray dy, INDArray dx);

    /** Writes d/dW and d/db. */
    void backwardParameters(INDArray x, INDArray dy);
  }

  private final int in;
  private final int out;
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final Kernel kernel;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient;
  private @Nullable INDArray input;

  public Linear(String name, int in, int out, boolean bias, Initialiser weight, Kernels kernels) {
    this(name, in, out, bias, LayerInitialiser.weight(weight), kernels);
  }

  public Linear(
      String name, int in, int out, boolean bias, LayerInitialiser initialiser, Kernels kernels) {
    this(name, in, out, bias, initialiser, kernels, new Buffer());
  }

  /**
   * @param inputGradient where backward's result lies, which may be shared with operations whose
   *     own is no longer needed when this one's is
   */
  public Linear(
      String name,
      int in,
      int out,
      boolean bias,
      LayerInitialiser initialiser,
      Kernels kernels,
      Buffer inputGradient) {
    this(name, in, out, bias, initialiser, new long[] {out, in}, kernels, inputGradient);
  }

  private Linear(
      String name,
      int in,
      int out,
      boolean bias,
      LayerInitialiser initialiser,
      long[] weightShape,
      Kernels kernels,
      Buffer inputGradient) {
    this.inputGradient = inputGradient;
    this.in = in;
    this.out = out;
    this.weight = new Parameter(name + ".weight", initialiser.weight().apply(in), weightShape);
    this.bias = bias ? new Parameter(name + ".bias", initialiser.bias().apply(in), out) : null;
    this.kernel =
        switch (kernels) {
          case FUSED -> new FusedLinear(weight, this.bias, in, out);
          case ND4J -> new ComposedLinear(weight, this.bias, in, out);
        };
  }

  /** A convolution whose kernel is as large as its stride, on patches [N, in * kernel^2]. */
  public static Linear ofPatches(
      String name, int in, int out, int kernel, LayerInitialiser initialiser, Kernels kernels) {
    long[] weightShape = {out, in, kernel, kernel};
    return new Linear(
        name, in * kernel * kernel, out, true, initialiser, weightShape, kernels, new Buffer());
  }

  public List<Parameter> parameters() {
    return bias == null ? List.of(weight) : List.of(weight, bias);
  }

  public INDArray forward(INDArray x) {
    input = x;
    INDArray y = output.of(x.dataType(), x.size(0), out);
    kernel.forward(x, y);
    return y;
  }

  public INDArray backward(INDArray dy) {
    backwardParameters(dy);
    INDArray x = Saved.of(input);
    INDArray dx = inputGradient.of(x.dataType(), x.shape());
    kernel.backward(dy, dx);
    return dx;
  }

  /** Gradients of the parameters alone, for an operation whose input needs none. */
  public void backwardParameters(INDArray dy) {
    kernel.backwardParameters(Saved.of(input), dy);
  }

  /**
   * Counts the memory of forward and {@link #backward}.
   *
   * @param rows N
   * @return shape of the output
   */
  public long[] countMemory(StepMemory memory, long rows) {
    memory.keepGradient(inputGradient, rows, in);
    return countMemoryOfParameters(memory, rows);
  }

  /** Counts the memory of forward and {@link #backwardParameters}. */
  public long[] countMemoryOfParameters(StepMemory memory, long rows) {
    return memory.keep(rows, out);
  }
}
