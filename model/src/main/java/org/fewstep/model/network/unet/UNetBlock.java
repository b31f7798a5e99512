package org.fewstep.model.network.unet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Attention;
import org.fewstep.model.network.op.Buffer;
import org.fewstep.model.network.op.ChannelBlocks;
import org.fewstep.model.network.op.Conv2d;
import org.fewstep.model.network.op.Dropout;
import org.fewstep.model.network.op.GroupNormSilu;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Linear;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.Resample;
import org.fewstep.model.network.op.StepMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Residual block of a U-Net: {@code (conv1(dropout(silu(norm1(conv0(silu(norm0(x))),
 * affine(emb))))) + skip(x)) * residualScale}, then attention where asked for. Up and down blocks
 * resample before conv0 and before the skip. With a second feature input, x is the concatenation of
 * both along the channels.
 *
 * <p>Inputs: x, optionally the encoder's skip, and the embedding.
 */
final class UNetBlock implements Block {
  /**
   * @param skipIn channels of the encoder's skip that is concatenated, 0 for none
   * @param heads of attention, 0 for none
   * @param dropoutLayer position among the network's dropouts
   */
  record Spec(
      String name,
      int in,
      int skipIn,
      int out,
      int embedding,
      Resample.@Nullable Direction resample,
      List<Integer> filter,
      int heads,
      double dropout,
      int dropoutLayer,
      Style style,
      Kernels kernels,
      BlockGradients gradients) {}

  private final Spec spec;
  private final GroupNormSilu norm0;
  private final Conv2d conv0;
  private final Linear affine;
  private final GroupNormSilu norm1;
  private final Dropout dropout;
  private final Conv2d conv1;
  private final @Nullable Conv2d skip;
  private final @Nullable Resample mainResample;
  private final @Nullable Resample skipResample;
  private final @Nullable Attention attention;
  private final List<Parameter> parameters = new ArrayList<>();

  private final Buffer concatenated = new Buffer();
  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private final Buffer skipInGradient = new Buffer();

  UNetBlock(Spec spec) {
    this.spec = spec;
    String prefix = spec.name + ".";
    int in = spec.in + spec.skipIn;
    Style style = spec.style;
    Kernels kernels = spec.kernels;
    BlockGradients gradients = spec.gradients;
    norm0 =
        new GroupNormSilu(
            prefix + "norm0",
            style.norm(in, GroupNormSilu.Conditioning.NONE),
            kernels,
            // Without a skip it is what the block returns.
            spec.skipIn == 0 ? new Buffer() : gradients.ends);
    conv0 = new Conv2d(prefix + "conv0", in, spec.out, 3, style.layer(), kernels, gradients.odd);
    affine =
        new Linear(
            prefix + "affine",
            spec.embedding,
            style.conditionLength(spec.out),
            true,
            style.layer(),
            kernels);
    norm1 =
        new GroupNormSilu(
            prefix + "norm1", style.norm(spec.out, style.conditioning()), kernels, gradients.even);
    dropout = new Dropout(spec.dropout, spec.dropoutLayer, kernels);
    conv1 =
        new Conv2d(prefix + "conv1", spec.out, spec.out, 3, style.last(), kernels, gradients.odd);
    boolean skipHasWeights = in != spec.out || (spec.resample != null && style.projectsResampled());
    skip =
        skipHasWeights
            ? new Conv2d(prefix + "skip", in, spec.out, 1, style.layer(), kernels, gradients.odd)
            : null;
    mainResample = resample();
    skipResample = resample();
    attention =
        spec.heads == 0
            ? null
            : new Attention(
                prefix,
                new Attention.Form(spec.out, spec.heads, style.epsilon(), style.residualScale()),
                style.qkv(),
                style.last(),
                kernels,
                gradients.ends);

    parameters.addAll(norm0.parameters());
    parameters.addAll(conv0.parameters());
    parameters.addAll(affine.parameters());
    parameters.addAll(norm1.parameters());
    parameters.addAll(conv1.parameters());
    if (skip != null) {
      parameters.addAll(skip.parameters());
    }
    if (attention != null) {
      parameters.addAll(attention.parameters());
    }
  }

  private @Nullable Resample resample() {
    return spec.resample == null
        ? null
        : new Resample(spec.resample, spec.filter, spec.kernels, spec.gradients.even);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropoutKey) {
    INDArray x = spec.skipIn == 0 ? inputs[0] : concatenate(inputs[0], inputs[1]);
    INDArray embedding = inputs[inputs.length - 1];
    INDArray h = norm0.forward(x, null);
    if (mainResample != null) {
      h = mainResample.forward(h);
    }
    h = conv0.forward(h);
    h = norm1.forward(h, affine.forward(embedding));
    h = conv1.forward(dropout.forward(h, dropoutKey));
    INDArray residual = residual(x);
    INDArray y = h.addi(residual, output.of(h.dataType(), h.shape()));
    if (spec.style.residualScale() != 1) {
      y.muli(spec.style.residualScale());
    }
    return attention == null ? y : attention.forward(y);
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    INDArray dy = attention == null ? outputGradient : attention.backward(outputGradient);
    INDArray scaled =
        dy.muli(spec.style.residualScale(), spec.gradients.scaled.of(dy.dataType(), dy.shape()));
    INDArray dh = norm1.backward(dropout.backward(conv1.backward(scaled)));
    INDArray dEmbedding = affine.backward(norm1.conditionGradient());
    dh = conv0.backward(dh);
    if (mainResample != null) {
      dh = mainResample.backward(dh);
    }
    INDArray dx = norm0.backward(dh).addi(residualGradient(scaled));
    if (spec.skipIn == 0) {
      return new INDArray[] {dx, dEmbedding};
    }
    return new INDArray[] {
      channels(dx, 0, spec.in, inputGradient),
      channels(dx, spec.in, spec.in + spec.skipIn, skipInGradient),
      dEmbedding
    };
  }

  private INDArray residual(INDArray x) {
    if (skipsBeforeUp()) {
      return resampled(skipped(x));
    }
    return skipped(resampled(x));
  }

  private INDArray residualGradient(INDArray dy) {
    if (skipsBeforeUp()) {
      return skippedGradient(resampledGradient(dy));
    }
    return resampledGradient(skippedGradient(dy));
  }

  /**
   * A 1x1 convolution commutes with doubling by nearest neighbour and has a quarter of the pixels
   * before it. (Not with a longer filter, which darkens the bias at the border.)
   */
  private boolean skipsBeforeUp() {
    return spec.resample == Resample.Direction.UP && spec.filter.size() == 2;
  }

  private INDArray skipped(INDArray x) {
    return skip == null ? x : skip.forward(x);
  }

  private INDArray skippedGradient(INDArray dy) {
    return skip == null ? dy : skip.backward(dy);
  }

  private INDArray resampled(INDArray x) {
    return skipResample == null ? x : skipResample.forward(x);
  }

  private INDArray resampledGradient(INDArray dy) {
    return skipResample == null ? dy : skipResample.backward(dy);
  }

  private INDArray concatenate(INDArray x, INDArray skipInput) {
    long[] shape = x.shape().clone();
    shape[1] += skipInput.size(1);
    INDArray both = concatenated.of(x.dataType(), shape);
    Nd4j.exec(
        DynamicCustomOp.builder("concat")
            .addInputs(x, skipInput)
            .addOutputs(both)
            .addIntegerArguments(1)
            .build());
    return both;
  }

  /** Channels [from, to) as an array of its own. */
  private static INDArray channels(INDArray all, int from, int to, Buffer buffer) {
    int width = ChannelBlocks.are(all) ? ChannelBlocks.WIDTH : 1;
    long[] shape = all.shape().clone();
    shape[1] = (to - from) / width;
    INDArrayIndex[] part = new INDArrayIndex[shape.length];
    Arrays.fill(part, NDArrayIndex.all());
    part[1] = NDArrayIndex.interval(from / width, to / width);
    return buffer.of(all.dataType(), shape).assign(all.get(part));
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long[] x = inputs.get(0);
    if (spec.skipIn > 0) {
      memory.keepGradient(x);
      memory.keepGradient(inputs.get(1));
      x = x.clone();
      x[1] += inputs.get(1)[1];
      memory.keep(x);
    }
    long[] h = norm0.countMemory(memory, null, x);
    if (mainResample != null) {
      h = mainResample.countMemory(memory, h);
    }
    h = conv0.countMemory(memory, h);
    long[] condition = affine.countMemory(memory, x[0]);
    h = dropout.countMemory(memory, norm1.countMemory(memory, condition, h));
    h = conv1.countMemory(memory, h);
    long[] residual =
        skipsBeforeUp() || skipResample == null ? x : skipResample.countMemory(memory, x);
    if (skip != null) {
      residual = skip.countMemory(memory, residual);
    }
    if (skipsBeforeUp() && skipResample != null) {
      skipResample.countMemory(memory, residual);
    }
    memory.keepGradient(spec.gradients.scaled, h);
    long[] y = memory.keep(h);
    return attention == null ? y : attention.countMemory(memory, y);
  }
}
