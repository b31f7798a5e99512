package org.fewstep.model.network.unet;

import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.ChannelBlocks;
import org.fewstep.model.network.op.Conv2d;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.StepMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The first 3x3 convolution; its result is where the network's own layout begins. */
final class InputConv implements Block {
  private final Conv2d conv;
  private final @Nullable ChannelBlocks blocks;

  /**
   * @param blocked whether the result lies in blocks of channels
   */
  InputConv(String name, int in, int out, Style style, boolean blocked, Kernels kernels) {
    blocks = blocked ? new ChannelBlocks() : null;
    conv = new Conv2d(name, in, out, 3, style.layer(), kernels);
  }

  @Override
  public List<Parameter> parameters() {
    return conv.parameters();
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    INDArray y = conv.forward(inputs[0]);
    return blocks == null ? y : blocks.of(y);
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    conv.backwardParameters(blocks == null ? outputGradient : blocks.plain(outputGradient));
    return new INDArray[] {null};
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long[] y = conv.countMemoryOfParameters(memory, inputs.get(0));
    if (blocks == null) {
      return y;
    }
    memory.keepGradient(y);
    return ChannelBlocks.countBlocks(memory, y);
  }
}
