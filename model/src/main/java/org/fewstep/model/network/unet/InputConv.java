package org.fewstep.model.network.unet;

import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Conv2d;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Parameter;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The first 3x3 convolution. */
final class InputConv implements Block {
  private final Conv2d conv;

  InputConv(String name, int in, int out, Style style, Kernels kernels) {
    conv = new Conv2d(name, in, out, 3, style.layer(), kernels);
  }

  @Override
  public List<Parameter> parameters() {
    return conv.parameters();
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    return conv.forward(inputs[0]);
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    conv.backwardParameters(outputGradient);
    return new INDArray[] {null};
  }
}
