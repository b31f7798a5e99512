package org.fewstep.model.data;

import java.util.Arrays;
import org.fewstep.model.io.Png;

/** Points of the plane as dots: the truth in grey, samples in blue above it. */
public final class PointPlot {
  private static final int SIDE_PIXELS = 512;

  /** What lies further out is not shown. */
  private static final double LARGEST = 1.25;

  private static final byte[] GREY = {(byte) 0xC8, (byte) 0xC8, (byte) 0xC8};
  private static final byte[] BLUE = {(byte) 0x1F, (byte) 0x4E, (byte) 0xB4};

  private PointPlot() {}

  /**
   * The bytes of a PNG.
   *
   * @param samples pairs of coordinates, x to the right and y upwards
   * @param truth likewise; may be empty
   */
  public static byte[] encode(double[] samples, double[] truth) {
    byte[] pixels = new byte[3 * SIDE_PIXELS * SIDE_PIXELS];
    Arrays.fill(pixels, (byte) 0xFF);
    draw(truth, GREY, pixels);
    draw(samples, BLUE, pixels);
    return Png.encode(new Png.Pixels(3, SIDE_PIXELS, SIDE_PIXELS, pixels));
  }

  private static void draw(double[] points, byte[] colour, byte[] pixels) {
    for (int i = 0; i + 1 < points.length; i += 2) {
      int column = place(points[i]);
      int row = SIDE_PIXELS - 1 - place(points[i + 1]);
      for (int y = row; y <= row + 1; y++) {
        for (int x = column; x <= column + 1; x++) {
          if (x >= 0 && x < SIDE_PIXELS && y >= 0 && y < SIDE_PIXELS) {
            for (int c = 0; c < colour.length; c++) {
              pixels[(c * SIDE_PIXELS + y) * SIDE_PIXELS + x] = colour[c];
            }
          }
        }
      }
    }
  }

  /** Far outside for what is no number. */
  private static int place(double coordinate) {
    return Double.isNaN(coordinate)
        ? -2 * SIDE_PIXELS
        : (int) Math.floor((coordinate / LARGEST + 1) / 2 * SIDE_PIXELS);
  }
}
