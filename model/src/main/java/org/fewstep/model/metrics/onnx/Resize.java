package org.fewstep.model.metrics.onnx;

import org.fewstep.config.Choices;
import org.fewstep.model.data.Resampling;
import org.fewstep.model.io.Png.Pixels;

/** How pictures get the size that a network takes: as Pillow does it, bit for bit. */
public enum Resize {
  /** Keys' cubic convolution. */
  BICUBIC(Resampling.BICUBIC),
  /** Between the two nearest pixels of each axis, or more where the picture shrinks. */
  BILINEAR(Resampling.BILINEAR);

  private final Resampling resampling;

  Resize(Resampling resampling) {
    this.resampling = resampling;
  }

  /** Its name in a score and in the command. */
  String label() {
    return Choices.nameOf(this);
  }

  Pixels apply(Pixels pixels, int size) {
    return resampling.resize(pixels, size, size);
  }
}
