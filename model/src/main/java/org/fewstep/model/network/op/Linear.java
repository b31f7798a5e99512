package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** {@code y = x W^T + b}: [N,in] to [N,out]; W is [out,in] as in the official checkpoints. */
public final class Linear {
  private final int out;
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private @Nullable INDArray input;

  public Linear(String name, int in, int out, boolean bias, Initialiser initialiser) {
    this.out = out;
    this.weight = new Parameter(name + ".weight", initialiser, out, in);
    this.bias = bias ? new Parameter(name + ".bias", Initialiser.ZERO, out) : null;
  }

  public List<Parameter> parameters() {
    return bias == null ? List.of(weight) : List.of(weight, bias);
  }

  public INDArray forward(INDArray x) {
    input = x;
    INDArray y = output.of(x.dataType(), x.size(0), out);
    matmul(x, weight.value(), y, false, true);
    if (bias != null) {
      y.addiRowVector(bias.value());
    }
    return y;
  }

  public INDArray backward(INDArray dy) {
    backwardParameters(dy);
    INDArray x = Saved.of(input);
    INDArray dx = inputGradient.of(x.dataType(), x.shape());
    matmul(dy, weight.value(), dx, false, false);
    return dx;
  }

  /** Gradients of the parameters alone, for an operation whose input needs none. */
  public void backwardParameters(INDArray dy) {
    matmul(dy, Saved.of(input), weight.gradient(), true, false);
    if (bias != null) {
      bias.gradient().assign(dy.sum(0));
    }
  }

  static void matmul(INDArray a, INDArray b, INDArray result, boolean transA, boolean transB) {
    Nd4j.exec(
        DynamicCustomOp.builder("matmul")
            .addInputs(a, b)
            .addOutputs(result)
            .addIntegerArguments(transA ? 1 : 0, transB ? 1 : 0, 0)
            .build());
  }
}
