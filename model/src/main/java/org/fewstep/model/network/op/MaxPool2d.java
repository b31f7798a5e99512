package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Maximum of each window of 2x2 pixels: [N,C,H,W] to [N,C,H/2,W/2], for even H and W. */
public final class MaxPool2d {
  /** Kernel, stride, padding, dilation, explicit padding, unused, NCHW. */
  private static final int[] ARGUMENTS = {2, 2, 2, 2, 0, 0, 1, 1, 0, 0, 0};

  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private @Nullable INDArray input;

  public INDArray forward(INDArray x) {
    if (x.size(2) % 2 != 0 || x.size(3) % 2 != 0) {
      throw new IllegalArgumentException(
          "images of " + x.size(2) + "x" + x.size(3) + " have no whole number of 2x2 windows");
    }
    input = x;
    INDArray y = output.of(x.dataType(), x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2);
    Nd4j.exec(
        DynamicCustomOp.builder("maxpool2d")
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(ARGUMENTS)
            .build());
    return y;
  }

  public INDArray backward(INDArray dy) {
    INDArray x = Saved.of(input);
    INDArray dx = inputGradient.of(x.dataType(), x.shape());
    Nd4j.exec(
        DynamicCustomOp.builder("maxpool2d_bp")
            .addInputs(x, dy)
            .addOutputs(dx)
            .addIntegerArguments(ARGUMENTS)
            .build());
    return dx;
  }
}
