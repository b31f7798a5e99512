package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@code y = x W^T + b}: [N,in] to [N,out]; W is [out,in] as in the official checkpoints, or of any
 * shape with the same elements.
 */
public final class Linear {
  private final int in;
  private final int out;
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private final Buffer ones = new Buffer();
  private @Nullable INDArray input;

  public Linear(String name, int in, int out, boolean bias, Initialiser weight) {
    this(name, in, out, bias, LayerInitialiser.weight(weight));
  }

  public Linear(String name, int in, int out, boolean bias, LayerInitialiser initialiser) {
    this(name, in, out, bias, initialiser, new long[] {out, in});
  }

  private Linear(
      String name,
      int in,
      int out,
      boolean bias,
      LayerInitialiser initialiser,
      long[] weightShape) {
    this.in = in;
    this.out = out;
    this.weight = new Parameter(name + ".weight", initialiser.weight().apply(in), weightShape);
    this.bias = bias ? new Parameter(name + ".bias", initialiser.bias().apply(in), out) : null;
  }

  /** A convolution whose kernel is as large as its stride, on patches [N, in * kernel^2]. */
  public static Linear ofPatches(
      String name, int in, int out, int kernel, LayerInitialiser initialiser) {
    long[] weightShape = {out, in, kernel, kernel};
    return new Linear(name, in * kernel * kernel, out, true, initialiser, weightShape);
  }

  public List<Parameter> parameters() {
    return bias == null ? List.of(weight) : List.of(weight, bias);
  }

  public INDArray forward(INDArray x) {
    input = x;
    INDArray y = output.of(x.dataType(), x.size(0), out);
    matmul(x, matrix(weight.value()), y, false, true);
    if (bias != null) {
      y.addiRowVector(bias.value());
    }
    return y;
  }

  public INDArray backward(INDArray dy) {
    backwardParameters(dy);
    INDArray x = Saved.of(input);
    INDArray dx = inputGradient.of(x.dataType(), x.shape());
    matmul(dy, matrix(weight.value()), dx, false, false);
    return dx;
  }

  /** Gradients of the parameters alone, for an operation whose input needs none. */
  public void backwardParameters(INDArray dy) {
    matmul(dy, Saved.of(input), matrix(weight.gradient()), true, false);
    if (bias != null) {
      // A sum over the rows of [4096,1536] takes ten times as long as this product.
      INDArray one = ones.of(dy.dataType(), 1, dy.size(0)).assign(1);
      matmul(one, dy, bias.gradient().reshape('c', 1, out), false, false);
    }
  }

  private INDArray matrix(INDArray weights) {
    return weights.reshape('c', out, in);
  }

  static void matmul(INDArray a, INDArray b, INDArray result, boolean transA, boolean transB) {
    Nd4j.exec(
        DynamicCustomOp.builder("matmul")
            .addInputs(a, b)
            .addOutputs(result)
            .addIntegerArguments(transA ? 1 : 0, transB ? 1 : 0, 0)
            .build());
  }

  /**
   * Counts the memory of forward and {@link #backward}.
   *
   * @param rows N
   * @return shape of the output
   */
  public long[] countMemory(StepMemory memory, long rows) {
    memory.keepGradient(rows, in);
    return countMemoryOfParameters(memory, rows);
  }

  /** Counts the memory of forward and {@link #backwardParameters}. */
  public long[] countMemoryOfParameters(StepMemory memory, long rows) {
    if (bias != null) {
      memory.keepGradient(rows);
    }
    return memory.keep(rows, out);
  }
}
