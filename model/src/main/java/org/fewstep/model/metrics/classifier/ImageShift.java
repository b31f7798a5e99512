package org.fewstep.model.metrics.classifier;

import java.util.Arrays;
import org.fewstep.model.data.ImageShape;

/** Moves an image by whole pixels; what comes in from outside is black. */
final class ImageShift {
  private static final float BLACK = -1;

  private ImageShift() {}

  /**
   * Writes {@code target[y][x] = source[y - down][x - right]} for each channel.
   *
   * @param offset where the image (CHW) starts in both arrays
   */
  static void apply(
      double[] source, float[] target, int offset, ImageShape shape, int down, int right) {
    int width = shape.width();
    for (int plane = 0; plane < shape.channels(); plane++) {
      int start = offset + plane * shape.height() * width;
      for (int y = 0; y < shape.height(); y++) {
        int from = start + (y - down) * width - right;
        int to = start + y * width;
        Arrays.fill(target, to, to + width, BLACK);
        if (y - down >= 0 && y - down < shape.height()) {
          for (int x = Math.max(0, right); x < Math.min(width, width + right); x++) {
            target[to + x] = (float) source[from + x];
          }
        }
      }
    }
  }
}
