package org.fewstep.model.network.op;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Maximum or mean of each window of 3x3 pixels, forward only, float32: [N,C,H,W] to [N,C,H',W'].
 * Pixels outside of the image count for nothing: a mean at the border is that of fewer pixels.
 */
public final class Pool2d {
  private static final int KERNEL = 3;

  private final String operation;
  private final int stride;
  private final int padding;
  private final Buffer output = new Buffer();

  private Pool2d(String operation, int stride, int padding) {
    this.operation = operation;
    this.stride = stride;
    this.padding = padding;
  }

  public static Pool2d max(int stride, int padding) {
    return new Pool2d("maxpool2d", stride, padding);
  }

  public static Pool2d mean(int stride, int padding) {
    return new Pool2d("avgpool2d", stride, padding);
  }

  /** The result is overwritten by the next call. */
  public INDArray forward(INDArray x) {
    long height = (x.size(2) + 2L * padding - KERNEL) / stride + 1;
    long width = (x.size(3) + 2L * padding - KERNEL) / stride + 1;
    INDArray y = output.of(DataType.FLOAT, x.size(0), x.size(1), height, width);
    // Kernel, stride, padding, dilation, explicit padding, means without the padding, NCHW.
    Nd4j.exec(
        DynamicCustomOp.builder(operation)
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(KERNEL, KERNEL, stride, stride, padding, padding, 1, 1, 0, 0, 0)
            .build());
    return y;
  }
}
