package org.fewstep.model.network.op;

import java.util.Arrays;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.pooling_forward;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Maximum or mean of each window of 3x3 pixels, forward only, float32: [N,C,H,W] to [N,C,H',W'], or
 * {@link ChannelBlocks} to such. Pixels outside of the image count for nothing: a mean at the
 * border is that of fewer pixels.
 */
public final class Pool2d {
  private static final int KERNEL = 3;

  private final boolean largest;
  private final int stride;
  private final int padding;
  private final Buffer output = new Buffer();
  private @Nullable Plan plan;

  private Pool2d(boolean largest, int stride, int padding) {
    this.largest = largest;
    this.stride = stride;
    this.padding = padding;
  }

  public static Pool2d max(int stride, int padding) {
    return new Pool2d(true, stride, padding);
  }

  public static Pool2d mean(int stride, int padding) {
    return new Pool2d(false, stride, padding);
  }

  /** The result is overwritten by the next call. */
  public INDArray forward(INDArray x) {
    long height = (x.size(2) + 2L * padding - KERNEL) / stride + 1;
    long width = (x.size(3) + 2L * padding - KERNEL) / stride + 1;
    if (ChannelBlocks.are(x)) {
      INDArray y =
          output.of(DataType.FLOAT, x.size(0), x.size(1), height, width, ChannelBlocks.WIDTH);
      plan(x, y).compute(x, y);
      return y;
    }
    INDArray y = output.of(DataType.FLOAT, x.size(0), x.size(1), height, width);
    // Kernel, stride, padding, dilation, explicit padding, means without the padding, NCHW.
    Nd4j.exec(
        DynamicCustomOp.builder(largest ? "maxpool2d" : "avgpool2d")
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(KERNEL, KERNEL, stride, stride, padding, padding, 1, 1, 0, 0, 0)
            .build());
    return y;
  }

  private Plan plan(INDArray x, INDArray y) {
    Plan current = plan;
    if (current == null || !Arrays.equals(current.shape, x.shape())) {
      current = new Plan(x, y);
      plan = current;
    }
    return current;
  }

  /** oneDNN's own operation for one shape, which takes the channels of a block at once. */
  private final class Plan {
    private final long[] shape;
    private final Dnnl.Call call;
    private final Dnnl.Argument from;
    private final Dnnl.Argument to;

    Plan(INDArray x, INDArray y) {
      shape = x.shape();
      long[] paddings = {padding, padding};
      pooling_forward.primitive_desc description =
          new pooling_forward.primitive_desc(
              new pooling_forward.desc(
                  dnnl.prop_kind.forward_inference,
                  largest ? dnnl.algorithm.pooling_max : dnnl.algorithm.pooling_avg_exclude_padding,
                  ChannelBlocks.describe(x),
                  ChannelBlocks.describe(y),
                  new long[] {stride, stride},
                  new long[] {KERNEL, KERNEL},
                  paddings,
                  paddings),
              Dnnl.lentMemory(),
              Dnnl.engine(),
              false);
      call = new Dnnl.Call(new pooling_forward(description), description);
      from = call.argument(dnnl.DNNL_ARG_SRC, description.src_desc());
      to = call.argument(dnnl.DNNL_ARG_DST, description.dst_desc());
    }

    void compute(INDArray x, INDArray y) {
      from.at(x);
      to.at(y);
      call.execute();
    }
  }
}
