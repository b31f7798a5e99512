package org.fewstep.model.network.unet;

import java.util.List;
import org.fewstep.model.data.ImageShape;

/**
 * The resolutions of a U-Net and what stands at each.
 *
 * @param shape images, input and output alike; height equals width
 * @param modelChannels unit of all widths
 * @param channelMult channels of each level over {@code modelChannels}
 * @param blocks residual blocks per level on the way down; one more on the way up
 * @param attentionResolutions heights at which blocks attend
 */
record Levels(
    ImageShape shape,
    int modelChannels,
    List<Integer> channelMult,
    int blocks,
    List<Integer> attentionResolutions) {
  Levels {
    if (shape.height() != shape.width()) {
      throw new IllegalArgumentException("a U-Net takes square images, not " + shape);
    }
    if (channelMult.isEmpty()) {
      throw new IllegalArgumentException("a U-Net has at least one level");
    }
    if (shape.height() % (1 << (channelMult.size() - 1)) != 0) {
      throw new IllegalArgumentException(
          "images of height %d cannot be halved %d times"
              .formatted(shape.height(), channelMult.size() - 1));
    }
  }

  int lowest() {
    return channelMult.size() - 1;
  }

  int channels(int level) {
    return modelChannels * channelMult.get(level);
  }

  /** {@code 32x32} for the level of 32 pixels. */
  String name(int level) {
    int resolution = resolution(level);
    return resolution + "x" + resolution;
  }

  boolean attends(int level) {
    return attentionResolutions.contains(resolution(level));
  }

  private int resolution(int level) {
    return shape.height() >> level;
  }
}
