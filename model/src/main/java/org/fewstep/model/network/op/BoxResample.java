package org.fewstep.model.network.op;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Resample} with the filter [1,1]. */
final class BoxResample implements Resample.Kernel {
  @Override
  public void up(INDArray x, INDArray y) {
    Nd4j.exec(
        DynamicCustomOp.builder("upsampling2d")
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(2, 2, 1)
            .build());
  }

  @Override
  public void down(INDArray x, INDArray y) {
    // Kernel, stride, padding, dilation, explicit padding, divisor of the window, NCHW.
    Nd4j.exec(
        DynamicCustomOp.builder("avgpool2d")
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(2, 2, 2, 2, 0, 0, 1, 1, 0, 0, 0)
            .build());
  }
}
