package org.fewstep.model.data;

/** The two directions between stored pixels (0 to 255) and the range [-1, 1] that models see. */
public final class PixelScale {
  private static final double[] SCALED = new double[256];

  static {
    for (int pixel = 0; pixel < SCALED.length; pixel++) {
      SCALED[pixel] = pixel / 127.5 - 1;
    }
  }

  private PixelScale() {}

  /** pixel / 127.5 - 1. */
  public static double toUnit(byte pixel) {
    return SCALED[pixel & 0xFF];
  }

  /**
   * x * 127.5 + 128, clipped to 0 .. 255 and truncated, as the official samplers of EDM and IMM
   * write their images; takes every {@link #toUnit} back to its pixel.
   */
  public static byte toPixel(double x) {
    return (byte) Math.max(0, Math.min(255, x * 127.5 + 128));
  }
}
