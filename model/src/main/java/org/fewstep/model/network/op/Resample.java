package org.fewstep.model.network.op;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Halves or doubles height and width with the filter [1,1]: the mean of 2x2 pixels, or nearest
 * neighbour. Each is the other's adjoint up to the factor 4.
 */
public final class Resample {
  /** Which way. */
  public enum Direction {
    UP,
    DOWN
  }

  private final Direction direction;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();

  public Resample(Direction direction) {
    this.direction = direction;
  }

  public INDArray forward(INDArray x) {
    return switch (direction) {
      case UP -> up(x, output);
      case DOWN -> down(x, output);
    };
  }

  public INDArray backward(INDArray dy) {
    return switch (direction) {
      case UP -> down(dy, inputGradient).muli(4);
      case DOWN -> up(dy, inputGradient).muli(0.25);
    };
  }

  private static INDArray up(INDArray x, Buffer buffer) {
    INDArray y = buffer.of(x.dataType(), x.size(0), x.size(1), 2 * x.size(2), 2 * x.size(3));
    Nd4j.exec(
        DynamicCustomOp.builder("upsampling2d")
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(2, 2, 1)
            .build());
    return y;
  }

  private static INDArray down(INDArray x, Buffer buffer) {
    INDArray y = buffer.of(x.dataType(), x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2);
    // Kernel, stride, padding, dilation, explicit padding, divisor of the window, NCHW.
    Nd4j.exec(
        DynamicCustomOp.builder("avgpool2d")
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(2, 2, 2, 2, 0, 0, 1, 1, 0, 0, 0)
            .build());
    return y;
  }
}
