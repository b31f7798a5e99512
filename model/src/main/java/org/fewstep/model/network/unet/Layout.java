package org.fewstep.model.network.unet;

import java.util.List;
import java.util.function.Supplier;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.graph.GraphBackedNetwork;
import org.fewstep.model.network.graph.GraphNetwork;
import org.fewstep.model.network.op.ChannelBlocks;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Resample;
import org.jspecify.annotations.Nullable;

/** Adds a U-Net's vertices to a graph and numbers its dropouts. */
final class Layout {
  /** Result of a vertex. */
  record Feature(String vertex, int channels) {}

  private static final String STATE = "state";

  private final Style style;
  private final List<Integer> filter;
  private final int embeddingChannels;
  private final double dropout;
  private final Kernels kernels;
  private final GraphNetwork.Builder builder;
  private final BlockGradients gradients = new BlockGradients();
  private final boolean blocked;
  private final String embedding;
  private int dropoutLayers;

  /**
   * @param filter of all resampling
   * @param channelStep divides the channels of every feature
   * @param embedding makes the block that all conditions enter
   */
  Layout(
      NetworkSpec spec,
      Style style,
      List<Integer> filter,
      int embeddingChannels,
      double dropout,
      int channelStep,
      Kernels kernels,
      Supplier<Block> embedding) {
    this.style = style;
    this.filter = filter;
    this.embeddingChannels = embeddingChannels;
    this.dropout = dropout;
    this.kernels = kernels;
    this.blocked = ChannelBlocks.pay(kernels) && channelStep % ChannelBlocks.WIDTH == 0;
    List<String> conditions = GraphBackedNetwork.conditions(spec);
    this.builder = new GraphNetwork.Builder(STATE, conditions);
    this.embedding = builder.add("map", embedding, conditions.toArray(String[]::new));
  }

  GraphNetwork.Builder builder() {
    return builder;
  }

  Feature image(int channels) {
    return new Feature(STATE, channels);
  }

  Feature inputConv(String name, Feature x, int out) {
    builder.add(
        name, () -> new InputConv(name, x.channels, out, style, blocked, kernels), x.vertex);
    return new Feature(name, out);
  }

  /** Returns the output's name. */
  String outputConv(String prefix, Feature x, int out) {
    return builder.add(
        prefix + "out", () -> new OutputConv(prefix, x.channels, out, style, kernels), x.vertex);
  }

  Feature auxResidual(String name, Feature x, Feature aux) {
    boolean auxIsImage = aux.vertex.equals(STATE);
    builder.add(
        name,
        () -> new AuxResidual(name, aux.channels, x.channels, filter, auxIsImage, kernels),
        x.vertex,
        aux.vertex);
    return new Feature(name, x.channels);
  }

  Feature resampled(String name, Feature x, Resample.Direction direction) {
    return block(name, x, null, x.channels, direction, 0);
  }

  Feature block(String name, Feature x, int out, int heads) {
    return block(name, x, null, out, null, heads);
  }

  /** A block that also takes what the encoder left. */
  Feature block(String name, Feature x, Feature skip, int out, int heads) {
    return block(name, x, skip, out, null, heads);
  }

  private Feature block(
      String name,
      Feature x,
      @Nullable Feature skip,
      int out,
      Resample.@Nullable Direction resample,
      int heads) {
    UNetBlock.Spec block =
        new UNetBlock.Spec(
            name,
            x.channels,
            skip == null ? 0 : skip.channels,
            out,
            embeddingChannels,
            resample,
            filter,
            heads,
            dropout,
            dropoutLayers++,
            style,
            kernels,
            gradients);
    if (skip == null) {
      builder.add(name, () -> new UNetBlock(block), x.vertex, embedding);
    } else {
      builder.add(name, () -> new UNetBlock(block), x.vertex, skip.vertex, embedding);
    }
    return new Feature(name, out);
  }
}
