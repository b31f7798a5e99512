package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Linear} made of ND4J operations alone, for any data type and backend. */
final class ComposedLinear implements Linear.Kernel {
  private final Parameter weight;
  private final @Nullable Parameter bias;
  private final int in;
  private final int out;
  private final Buffer ones = new Buffer();

  ComposedLinear(Parameter weight, @Nullable Parameter bias, int in, int out) {
    this.weight = weight;
    this.bias = bias;
    this.in = in;
    this.out = out;
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    matmul(x, matrix(weight.value()), y, false, true);
    if (bias != null) {
      y.addiRowVector(bias.value());
    }
  }

  @Override
  public void backward(INDArray dy, INDArray dx) {
    matmul(dy, matrix(weight.value()), dx, false, false);
  }

  @Override
  public void backwardParameters(INDArray x, INDArray dy) {
    matmul(dy, x, matrix(weight.gradient()), true, false);
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
}
