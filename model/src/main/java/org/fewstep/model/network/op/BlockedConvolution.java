package org.fewstep.model.network.op;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Conv2d} on {@link ChannelBlocks} by oneDNN. A 3x3 kernel takes Winograd's method, which on
 * AVX-512 needs between a third and a half of the time of the direct one, in all three directions;
 * its rounding error is a few units in the sixth digit of the largest value.
 *
 * <p>Only weights are copied into another layout at each call: they are small beside activations.
 * All convolutions of a thread copy them to the same place, since Winograd's layout takes four
 * times as much as the weights themselves.
 */
final class BlockedConvolution implements Conv2d.Kernel {
  /** Shapes whose plans are kept: an objective calls with several batch sizes. */
  private static final int PLANS = 16;

  private final Parameter weight;
  private final Parameter bias;
  private final int in;
  private final int out;
  private final int kernel;
  private final Buffer ownBiasGradient = new Buffer();
  private final Map<List<Long>, Plan> plans =
      new LinkedHashMap<>(PLANS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Long>, Plan> eldest) {
          return size() > PLANS;
        }
      };

  BlockedConvolution(Parameter weight, Parameter bias, int in, int out, int kernel) {
    this.weight = weight;
    this.bias = bias;
    this.in = in;
    this.out = out;
    this.kernel = kernel;
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    plan(x).forward(x, y);
  }

  @Override
  public void backward(INDArray x, INDArray dy, @Nullable INDArray dx) {
    plan(x).backward(x, dy, dx);
  }

  private Plan plan(INDArray x) {
    return plans.computeIfAbsent(
        List.of(x.size(0), x.size(2), x.size(3)), s -> new Plan(s.get(0), s.get(1), s.get(2)));
  }

  /** Asks oneDNN, which describes an operation without taking memory for it. */
  @Override
  public void countMemory(StepMemory counted, long[] x, long[] y, boolean givesGradient) {
    Descriptions descriptions = new Descriptions(x[0], x[2], x[3]);
    convolution_forward.primitive_desc forward = descriptions.forward();
    counted.lend(forward.scratchpad_desc().get_size());
    long weights = copied(forward.weights_desc());
    if (counted.backward()) {
      convolution_backward_weights.primitive_desc toWeights = descriptions.backwardWeights(forward);
      counted.lend(toWeights.scratchpad_desc().get_size());
      counted.keep(out);
      weights = Math.max(weights, copied(toWeights.diff_weights_desc()));
      if (givesGradient) {
        convolution_backward_data.primitive_desc toData = descriptions.backwardData(forward);
        counted.lend(toData.scratchpad_desc().get_size());
        weights = Math.max(weights, copied(toData.weights_desc()));
      }
    }
    counted.lendWeights(weights);
  }

  /** Bytes of weights in a layout of oneDNN's own; 0 where that is the one they lie in. */
  private long copied(memory.desc layout) {
    memory.desc plain = Dnnl.describe(memory.format_tag.oihw, out, in, kernel, kernel);
    return layout.equals(plain) ? 0 : layout.get_size();
  }

  /** What oneDNN prepares for one shape. */
  private final class Plan {
    private final memory.desc plainWeights =
        Dnnl.describe(memory.format_tag.oihw, out, in, kernel, kernel);
    private final Descriptions descriptions;
    private final convolution_forward.primitive_desc forwardDescription;
    private final Forward forward;
    private @Nullable BackwardData backwardData;
    private @Nullable BackwardWeights backwardWeights;

    Plan(long images, long height, long width) {
      descriptions = new Descriptions(images, height, width);
      forwardDescription = descriptions.forward();
      forward = new Forward();
    }

    void forward(INDArray x, INDArray y) {
      forward.compute(x, y);
    }

    void backward(INDArray x, INDArray dy, @Nullable INDArray dx) {
      if (backwardWeights == null) {
        backwardWeights = new BackwardWeights();
      }
      backwardWeights.compute(x, dy);
      if (dx != null) {
        if (backwardData == null) {
          backwardData = new BackwardData();
        }
        backwardData.compute(dy, dx);
      }
    }

    /** The weights in the layout that a call wants them in. */
    private INDArray weights(Dnnl.@Nullable Reorder reorder, memory.desc layout) {
      if (reorder == null) {
        return weight.value();
      }
      INDArray reordered = own(layout);
      reorder.copy(weight.value(), reordered);
      return reordered;
    }

    private INDArray own(memory.desc layout) {
      return Dnnl.lentWeights(layout.get_size() / Float.BYTES);
    }

    private final class Forward {
      private final Dnnl.Call call =
          new Dnnl.Call(new convolution_forward(forwardDescription), forwardDescription);
      private final Dnnl.Argument x =
          call.argument(dnnl.DNNL_ARG_SRC, forwardDescription.src_desc());
      private final Dnnl.Argument w =
          call.argument(dnnl.DNNL_ARG_WEIGHTS, forwardDescription.weights_desc());
      private final Dnnl.Argument b =
          call.argument(dnnl.DNNL_ARG_BIAS, forwardDescription.bias_desc());
      private final Dnnl.Argument y =
          call.argument(dnnl.DNNL_ARG_DST, forwardDescription.dst_desc());
      private final Dnnl.@Nullable Reorder reorder =
          Dnnl.Reorder.between(plainWeights, w.description());

      void compute(INDArray input, INDArray output) {
        x.at(input);
        w.at(weights(reorder, w.description()));
        b.at(bias.value());
        y.at(output);
        call.execute();
      }
    }

    private final class BackwardData {
      private final convolution_backward_data.primitive_desc description =
          descriptions.backwardData(forwardDescription);
      private final Dnnl.Call call =
          new Dnnl.Call(new convolution_backward_data(description), description);
      private final Dnnl.Argument dy =
          call.argument(dnnl.DNNL_ARG_DIFF_DST, description.diff_dst_desc());
      private final Dnnl.Argument w =
          call.argument(dnnl.DNNL_ARG_WEIGHTS, description.weights_desc());
      private final Dnnl.Argument dx =
          call.argument(dnnl.DNNL_ARG_DIFF_SRC, description.diff_src_desc());
      private final Dnnl.@Nullable Reorder reorder =
          Dnnl.Reorder.between(plainWeights, w.description());

      void compute(INDArray outputGradient, INDArray inputGradient) {
        dy.at(outputGradient);
        w.at(weights(reorder, w.description()));
        dx.at(inputGradient);
        call.execute();
      }
    }

    private final class BackwardWeights {
      private final convolution_backward_weights.primitive_desc description =
          descriptions.backwardWeights(forwardDescription);
      private final Dnnl.Call call =
          new Dnnl.Call(new convolution_backward_weights(description), description);
      private final Dnnl.Argument x = call.argument(dnnl.DNNL_ARG_SRC, description.src_desc());
      private final Dnnl.Argument dy =
          call.argument(dnnl.DNNL_ARG_DIFF_DST, description.diff_dst_desc());
      private final Dnnl.Argument dw =
          call.argument(dnnl.DNNL_ARG_DIFF_WEIGHTS, description.diff_weights_desc());
      private final Dnnl.Argument db =
          call.argument(dnnl.DNNL_ARG_DIFF_BIAS, description.diff_bias_desc());
      private final Dnnl.@Nullable Reorder reorder =
          Dnnl.Reorder.between(dw.description(), plainWeights);

      void compute(INDArray input, INDArray outputGradient) {
        x.at(input);
        dy.at(outputGradient);
        INDArray biasGradient = ownBiasGradient.of(DataType.FLOAT, out);
        db.at(biasGradient);
        INDArray gradient = reorder == null ? weight.gradient() : own(dw.description());
        dw.at(gradient);
        call.execute();
        if (reorder != null) {
          reorder.copy(gradient, weight.gradient());
        }
        NativeMemory.buffer(bias.gradient()).put(NativeMemory.buffer(biasGradient));
      }
    }
  }

  /** What is asked of oneDNN: Winograd's method where it has it, else whatever it thinks best. */
  private final class Descriptions {
    private final memory.desc x;
    private final memory.desc y;
    private final memory.desc w = Dnnl.describe(memory.format_tag.any, out, in, kernel, kernel);
    private final memory.desc b = Dnnl.describe(memory.format_tag.a, out);
    private final long[] strides = {1, 1};
    private final long[] padding = {kernel / 2, kernel / 2};

    Descriptions(long images, long height, long width) {
      x = ChannelBlocks.describe(images, in, height, width);
      y = ChannelBlocks.describe(images, out, height, width);
    }

    private <T> T best(Function<dnnl.algorithm, T> description) {
      return Dnnl.withFewestMultiplications(kernel == 3, description);
    }

    convolution_forward.primitive_desc forward() {
      return best(
          algorithm ->
              new convolution_forward.primitive_desc(
                  new convolution_forward.desc(
                      dnnl.prop_kind.forward_training,
                      algorithm,
                      x,
                      w,
                      b,
                      y,
                      strides,
                      padding,
                      padding),
                  Dnnl.lentMemory(),
                  Dnnl.engine(),
                  false));
    }

    convolution_backward_data.primitive_desc backwardData(convolution_forward.primitive_desc hint) {
      return best(
          algorithm ->
              new convolution_backward_data.primitive_desc(
                  new convolution_backward_data.desc(algorithm, x, w, y, strides, padding, padding),
                  Dnnl.lentMemory(),
                  Dnnl.engine(),
                  hint,
                  false));
    }

    /** The kernel made for 1x1 takes ten times as long as the general one. */
    convolution_backward_weights.primitive_desc backwardWeights(
        convolution_forward.primitive_desc hint) {
      convolution_backward_weights.primitive_desc first = firstBackwardWeights(hint);
      while (first.impl_info_str().getString().contains("1x1")) {
        if (!first.next_impl() || !first.impl_info_str().getString().startsWith("jit")) {
          return firstBackwardWeights(hint);
        }
      }
      return first;
    }

    private convolution_backward_weights.primitive_desc firstBackwardWeights(
        convolution_forward.primitive_desc hint) {
      return best(
          algorithm ->
              new convolution_backward_weights.primitive_desc(
                  new convolution_backward_weights.desc(
                      algorithm, x, w, b, y, strides, padding, padding),
                  Dnnl.lentMemory(),
                  Dnnl.engine(),
                  hint,
                  false));
    }
  }
}
