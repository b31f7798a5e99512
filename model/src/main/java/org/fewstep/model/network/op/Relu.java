package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** {@code max(x, 0)} of any shape; the gradient at 0 is 0. */
public final class Relu {
  private static final double CUTOFF = 0;

  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private @Nullable INDArray input;

  public INDArray forward(INDArray x) {
    input = x;
    INDArray y = output.of(x.dataType(), x.shape());
    Nd4j.exec(
        DynamicCustomOp.builder("relu")
            .addInputs(x)
            .addOutputs(y)
            .addFloatingPointArguments(CUTOFF)
            .build());
    return y;
  }

  public INDArray backward(INDArray dy) {
    INDArray x = Saved.of(input);
    INDArray dx = inputGradient.of(x.dataType(), x.shape());
    Nd4j.exec(
        DynamicCustomOp.builder("relu_bp")
            .addInputs(x, dy)
            .addOutputs(dx)
            .addFloatingPointArguments(CUTOFF)
            .build());
    return dx;
  }
}
