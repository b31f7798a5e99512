package org.fewstep.model.network.unet;

import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.StepMemory;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Architecture of ADM's U-Net, in the official configuration's terms.
 *
 * @param shape images, input and output alike; height equals width
 * @param modelChannels unit of all widths
 * @param channelMult channels of each level over {@code modelChannels}
 * @param channelMultEmb length of the embedding over {@code modelChannels}
 * @param blocks residual blocks per level on the way down; one more on the way up
 * @param attentionResolutions heights at which blocks attend
 * @param dropout probability
 * @param classes length of the one-hot labels, 0 for none
 * @param augmentDim length of the augmentation labels, 0 for none
 * @param secondTime whether there is a second time embedding
 */
public record AdmSpec(
    ImageShape shape,
    int modelChannels,
    List<Integer> channelMult,
    int channelMultEmb,
    int blocks,
    List<Integer> attentionResolutions,
    double dropout,
    int classes,
    int augmentDim,
    boolean secondTime)
    implements NetworkSpec {
  public AdmSpec {
    channelMult = List.copyOf(channelMult);
    attentionResolutions = List.copyOf(attentionResolutions);
    new Levels(shape, modelChannels, channelMult, blocks, attentionResolutions);
  }

  @Override
  public ParameterTable parameters() {
    return AdmUNet.parameters(this);
  }

  @Override
  public AdmUNet create(DataType type, Kernels kernels) {
    return AdmUNet.create(this, type, kernels);
  }

  Levels levels() {
    return new Levels(shape, modelChannels, channelMult, blocks, attentionResolutions);
  }

  int embeddingChannels() {
    return modelChannels * channelMultEmb;
  }

  @Override
  public void countMemory(StepMemory memory, int images) {
    AdmUNet.countMemory(this, memory, images);
  }
}
