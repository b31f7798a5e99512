package org.fewstep.model.data;

import org.fewstep.model.io.Png.Pixels;

/** How a picture of any size becomes a square one. */
public enum Crop {
  /**
   * As ADM prepared ImageNet (Dhariwal and Nichol, "Diffusion models beat GANs on image synthesis",
   * 2021), and EDM and IMM after it under the name center-crop-dhariwal: halved by means of 2x2
   * pixels as long as the shorter side stays at least the size wanted, brought to that size by
   * bicubic resampling, and cropped to its centre.
   */
  ADM {
    @Override
    public Pixels apply(Pixels pixels, int size) {
      Pixels p = pixels;
      while (Math.min(p.width(), p.height()) >= 2 * size) {
        p = Resampling.BOX.resize(p, p.width() / 2, p.height() / 2);
      }
      double scale = (double) size / Math.min(p.width(), p.height());
      // Rounds halves to even, as Python does. The longer side may be very long.
      long width = (long) Math.rint(p.width() * scale);
      long height = (long) Math.rint(p.height() * scale);
      return Resampling.BICUBIC.resizeAndCut(
          p, width, height, (width - size) / 2, (height - size) / 2, size);
    }
  },
  /** The largest square around the centre, resampled at once by Lanczos' filter. */
  CENTER {
    @Override
    public Pixels apply(Pixels pixels, int size) {
      int side = Math.min(pixels.width(), pixels.height());
      Pixels square = cut(pixels, (pixels.width() - side) / 2, (pixels.height() - side) / 2, side);
      return Resampling.LANCZOS.resize(square, size, size);
    }
  };

  /**
   * A square picture.
   *
   * @param size pixels a side, at least 1
   */
  public abstract Pixels apply(Pixels pixels, int size);

  private static Pixels cut(Pixels pixels, int left, int top, int size) {
    byte[] values = new byte[pixels.channels() * size * size];
    for (int c = 0; c < pixels.channels(); c++) {
      for (int y = 0; y < size; y++) {
        System.arraycopy(
            pixels.values(),
            (c * pixels.height() + top + y) * pixels.width() + left,
            values,
            (c * size + y) * size,
            size);
      }
    }
    return new Pixels(pixels.channels(), size, size, values);
  }
}
