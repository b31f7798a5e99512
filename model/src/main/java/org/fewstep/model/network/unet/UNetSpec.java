package org.fewstep.model.network.unet;

import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.StepMemory;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Architecture of a DDPM++ or NCSN++ U-Net, in the official configuration's terms.
 *
 * @param shape images, input and output alike; height equals width
 * @param modelChannels channels of the first convolution
 * @param channelMult channels of each level over {@code modelChannels}
 * @param channelMultEmb length of the embedding over {@code modelChannels}
 * @param channelMultNoise length of the sinusoid over {@code modelChannels}
 * @param blocks residual blocks per level on the way down; one more on the way up
 * @param attentionResolutions heights at which blocks attend
 * @param dropout probability
 * @param classes length of the one-hot labels, 0 for none
 * @param augmentDim length of the augmentation labels, 0 for none
 * @param secondTime whether there is a second time embedding
 */
public record UNetSpec(
    ImageShape shape,
    int modelChannels,
    List<Integer> channelMult,
    int channelMultEmb,
    int channelMultNoise,
    int blocks,
    List<Integer> attentionResolutions,
    double dropout,
    int classes,
    int augmentDim,
    boolean secondTime,
    UNetVariant variant)
    implements NetworkSpec {
  public UNetSpec {
    channelMult = List.copyOf(channelMult);
    attentionResolutions = List.copyOf(attentionResolutions);
    new Levels(shape, modelChannels, channelMult, blocks, attentionResolutions);
  }

  /** A DDPM++ U-Net. */
  public UNetSpec(
      ImageShape shape,
      int modelChannels,
      List<Integer> channelMult,
      int channelMultEmb,
      int channelMultNoise,
      int blocks,
      List<Integer> attentionResolutions,
      double dropout,
      int classes,
      int augmentDim,
      boolean secondTime) {
    this(
        shape,
        modelChannels,
        channelMult,
        channelMultEmb,
        channelMultNoise,
        blocks,
        attentionResolutions,
        dropout,
        classes,
        augmentDim,
        secondTime,
        UNetVariant.DDPMPP);
  }

  @Override
  public ParameterTable parameters() {
    return UNet.parameters(this);
  }

  @Override
  public UNet create(DataType type, Kernels kernels) {
    return UNet.create(this, type, kernels);
  }

  Levels levels() {
    return new Levels(shape, modelChannels, channelMult, blocks, attentionResolutions);
  }

  int embeddingChannels() {
    return modelChannels * channelMultEmb;
  }

  int sinusoidChannels() {
    return modelChannels * channelMultNoise;
  }

  @Override
  public void countMemory(StepMemory memory, int images) {
    UNet.countMemory(this, memory, images);
  }
}
