package org.fewstep.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Conv2d;
import org.fewstep.model.network.op.GroupNormSilu;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Parameter;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code aux_conv(silu(aux_norm(x)))}. */
final class OutputConv implements Block {
  private final GroupNormSilu norm;
  private final Conv2d conv;

  OutputConv(String prefix, int in, int out, Kernels kernels) {
    norm = new GroupNormSilu(prefix + "_aux_norm", in, true, kernels);
    conv = new Conv2d(prefix + "_aux_conv", in, out, 3, UNetBlock.NEARLY_ZERO, kernels);
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(norm.parameters());
    all.addAll(conv.parameters());
    return all;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    return conv.forward(norm.forward(inputs[0], null));
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    return new INDArray[] {norm.backward(conv.backward(outputGradient))};
  }
}
