package org.fewstep.model.network.unet;

import java.util.List;
import org.fewstep.model.data.ImageShape;

/**
 * Architecture of a DDPM++ U-Net, in the official configuration's terms.
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
    boolean secondTime) {
  public UNetSpec {
    channelMult = List.copyOf(channelMult);
    attentionResolutions = List.copyOf(attentionResolutions);
    if (shape.height() != shape.width()) {
      throw new IllegalArgumentException("a U-Net takes square images, not " + shape);
    }
    if (shape.height() % (1 << (channelMult.size() - 1)) != 0) {
      throw new IllegalArgumentException(
          "images of height %d cannot be halved %d times"
              .formatted(shape.height(), channelMult.size() - 1));
    }
  }

  int embeddingChannels() {
    return modelChannels * channelMultEmb;
  }

  int sinusoidChannels() {
    return modelChannels * channelMultNoise;
  }

  int channels(int level) {
    return modelChannels * channelMult.get(level);
  }

  int resolution(int level) {
    return shape.height() >> level;
  }

  boolean attends(int resolution) {
    return attentionResolutions.contains(resolution);
  }
}
