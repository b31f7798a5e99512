package org.fewstep.model.data;

import java.nio.file.Path;
import java.util.Arrays;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.io.Png;

/** Lays images out in rows, white lines of two pixels between them, as one PNG. */
public final class ImageGrid {
  private static final int SEPARATOR_PIXELS = 2;

  private ImageGrid() {}

  /**
   * Writes a PNG.
   *
   * @param images in [-1, 1] (what lies outside is clipped), one after the other; 1 or 3 channels;
   *     or points, which are plotted
   * @param columns images in a row; the last row may be shorter
   * @throws org.fewstep.config.UserException if the disk refuses
   */
  public static void write(Path file, double[] images, ImageShape shape, int columns) {
    byte[] png = encode(images, shape, columns);
    AtomicFiles.write(file, out -> out.write(png));
  }

  /** The bytes of the PNG. */
  public static byte[] encode(double[] images, ImageShape shape, int columns) {
    if (images.length == 0 || images.length % shape.size() != 0 || columns < 1) {
      throw new IllegalArgumentException(
          "cannot lay out %d numbers as images of %s in %d columns"
              .formatted(images.length, shape, columns));
    }
    if (shape.equals(ImageShape.POINT)) {
      return PointPlot.encode(images, new double[0]);
    }
    int count = images.length / shape.size();
    int rows = (count + columns - 1) / columns;
    int across = Math.min(count, columns);
    int height = rows * (shape.height() + SEPARATOR_PIXELS) - SEPARATOR_PIXELS;
    int width = across * (shape.width() + SEPARATOR_PIXELS) - SEPARATOR_PIXELS;
    byte[] grid = new byte[shape.channels() * height * width];
    Arrays.fill(grid, (byte) 0xFF);
    for (int i = 0; i < count; i++) {
      int top = i / columns * (shape.height() + SEPARATOR_PIXELS);
      int left = i % columns * (shape.width() + SEPARATOR_PIXELS);
      int from = i * shape.size();
      for (int c = 0; c < shape.channels(); c++) {
        for (int y = 0; y < shape.height(); y++) {
          int to = (c * height + top + y) * width + left;
          for (int x = 0; x < shape.width(); x++) {
            grid[to + x] = PixelScale.toPixel(images[from++]);
          }
        }
      }
    }
    return Png.encode(new Png.Pixels(shape.channels(), height, width, grid));
  }
}
