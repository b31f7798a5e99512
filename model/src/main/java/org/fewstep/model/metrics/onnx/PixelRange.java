package org.fewstep.model.metrics.onnx;

import org.fewstep.config.Choices;

/** What a network expects of pixels. */
public enum PixelRange {
  /** From 0 to 1. */
  UNIT(1 / 255.0),
  /** From -1 to 1. */
  SYMMETRIC(1 / 127.5),
  /** From 0 to 255. */
  LEVELS(1),
  /** From 0 to 1, less ImageNet's mean of each channel, over its standard deviation. */
  IMAGENET(1 / 255.0);

  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};

  private final double factor;

  PixelRange(double factor) {
    this.factor = factor;
  }

  /** Its name in a score and in the command. */
  String label() {
    return Choices.nameOf(this);
  }

  /**
   * A pixel as the network takes it.
   *
   * @param level from 0 to 255
   */
  float of(int level, int channel) {
    double x = level * factor;
    return (float)
        switch (this) {
          case UNIT, LEVELS -> x;
          case SYMMETRIC -> x - 1;
          case IMAGENET -> (x - MEAN[channel]) / DEVIATION[channel];
        };
  }
}
