package org.fewstep.model.network.op;

import java.util.Arrays;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.fewstep.model.network.op.FixedConv2d.Geometry;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link FixedConv2d} by oneDNN, into {@link ChannelBlocks}; from them, or from [N,C,H,W] where the
 * channels fill no block. Since the weights never change, they are copied into oneDNN's layout
 * once; the rectifier is applied while the result is still in registers.
 */
final class BlockedFixedConvolution implements FixedConv2d.Form {
  private static final int WINOGRAD_KERNEL = 3;

  private final Geometry geometry;
  private final float[] weight;
  private final INDArray bias;
  private final Buffer output = new Buffer();
  private @Nullable Plan plan;

  BlockedFixedConvolution(Geometry geometry, float[] weight, float[] bias) {
    this.geometry = geometry;
    this.weight = weight;
    this.bias = Nd4j.createFromArray(bias);
  }

  @Override
  public INDArray forward(INDArray x) {
    Plan current = plan;
    if (current == null || !current.serves(x)) {
      if (ChannelBlocks.channels(x) != geometry.in()) {
        throw new IllegalArgumentException(
            "a convolution of %d channels got %d"
                .formatted(geometry.in(), ChannelBlocks.channels(x)));
      }
      current = new Plan(x);
      plan = current;
    }
    INDArray y =
        output.of(
            DataType.FLOAT,
            x.size(0),
            geometry.out() / ChannelBlocks.WIDTH,
            geometry.height(x),
            geometry.width(x),
            ChannelBlocks.WIDTH);
    current.compute(x, y);
    return y;
  }

  /** What oneDNN prepares for one shape. */
  private final class Plan {
    private final long[] shape;
    private final Dnnl.Call call;
    private final Dnnl.Argument x;
    private final Dnnl.Argument y;

    Plan(INDArray input) {
      shape = input.shape();
      convolution_forward.primitive_desc description = describe(input);
      call = new Dnnl.Call(new convolution_forward(description), description);
      x = call.argument(dnnl.DNNL_ARG_SRC, description.src_desc());
      y = call.argument(dnnl.DNNL_ARG_DST, description.dst_desc());
      call.argument(dnnl.DNNL_ARG_BIAS, description.bias_desc()).at(bias);
      call.argument(dnnl.DNNL_ARG_WEIGHTS, description.weights_desc())
          .at(weights(description.weights_desc()));
    }

    boolean serves(INDArray input) {
      return Arrays.equals(shape, input.shape());
    }

    void compute(INDArray input, INDArray result) {
      x.at(input);
      y.at(result);
      call.execute();
    }
  }

  private INDArray weights(memory.desc layout) {
    INDArray plain = Nd4j.createFromArray(weight);
    Dnnl.Reorder reorder =
        Dnnl.Reorder.between(Dnnl.describe(memory.format_tag.oihw, geometry.weightShape()), layout);
    if (reorder == null) {
      return plain;
    }
    INDArray reordered = new Buffer().of(DataType.FLOAT, layout.get_size() / Float.BYTES);
    reorder.copy(plain, reordered);
    return reordered;
  }

  private convolution_forward.primitive_desc describe(INDArray input) {
    long images = input.size(0);
    long height = input.size(2);
    long width = input.size(3);
    memory.desc x =
        ChannelBlocks.are(input)
            ? ChannelBlocks.describe(images, geometry.in(), height, width)
            : Dnnl.describe(memory.format_tag.nchw, images, geometry.in(), height, width);
    memory.desc y =
        ChannelBlocks.describe(
            images, geometry.out(), geometry.height(input), geometry.width(input));
    memory.desc w = Dnnl.describe(memory.format_tag.any, geometry.weightShape());
    memory.desc b = Dnnl.describe(memory.format_tag.a, geometry.out());
    long[] strides = {geometry.stride(), geometry.stride()};
    long[] padding = {geometry.paddingHeight(), geometry.paddingWidth()};
    boolean square =
        geometry.kernelHeight() == WINOGRAD_KERNEL && geometry.kernelWidth() == WINOGRAD_KERNEL;
    return Dnnl.withFewestMultiplications(
        square && geometry.stride() == 1,
        algorithm ->
            new convolution_forward.primitive_desc(
                new convolution_forward.desc(
                    dnnl.prop_kind.forward_inference,
                    algorithm,
                    x,
                    w,
                    b,
                    y,
                    strides,
                    padding,
                    padding),
                rectified(),
                Dnnl.engine(),
                false));
  }

  private static primitive_attr rectified() {
    post_ops after = new post_ops();
    after.append_eltwise(1, dnnl.algorithm.eltwise_relu, 0, 0);
    primitive_attr attributes = Dnnl.lentMemory();
    attributes.set_post_ops(after);
    return attributes;
  }
}
