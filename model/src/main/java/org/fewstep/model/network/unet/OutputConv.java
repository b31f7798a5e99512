package org.fewstep.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.ChannelBlocks;
import org.fewstep.model.network.op.Conv2d;
import org.fewstep.model.network.op.GroupNormSilu;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.StepMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code conv(silu(norm(x)))}, the end of a U-Net; the result is [N,C,H,W]. */
final class OutputConv implements Block {
  private final GroupNormSilu norm;
  private final Conv2d conv;
  private final ChannelBlocks blocks = new ChannelBlocks();
  private boolean blocked;

  /**
   * @param prefix of the names {@code norm} and {@code conv}
   */
  OutputConv(String prefix, int in, int out, Style style, Kernels kernels) {
    norm =
        new GroupNormSilu(
            prefix + "norm", style.norm(in, GroupNormSilu.Conditioning.NONE), kernels);
    conv = new Conv2d(prefix + "conv", in, out, 3, style.last(), kernels);
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(norm.parameters());
    all.addAll(conv.parameters());
    return all;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    INDArray h = norm.forward(inputs[0], null);
    blocked = ChannelBlocks.are(h);
    return conv.forward(blocked ? blocks.plain(h) : h);
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    INDArray dh = conv.backward(outputGradient);
    return new INDArray[] {norm.backward(blocked ? blocks.of(dh) : dh)};
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long[] x = norm.countMemory(memory, null, inputs.get(0));
    if (ChannelBlocks.are(x)) {
      memory.keepGradient(x);
      x = ChannelBlocks.countPlain(memory, x);
    }
    return conv.countMemory(memory, x);
  }
}
