package org.fewstep.model.network.dit;

import org.fewstep.model.data.ImageShape;

/**
 * Cuts images [N,C,H,W] into patches [N,T,C*p*p], row by row, and joins them again. Inside a patch
 * the first layer wants channel, row, column, as a convolution's kernel has them; the last one
 * gives row, column, channel.
 */
final class Patches {
  private final ImageShape shape;
  private final int patch;
  private final int columns;
  private final int length;

  Patches(ImageShape shape, int patch) {
    this.shape = shape;
    this.patch = patch;
    this.columns = shape.width() / patch;
    this.length = shape.channels() * patch * patch;
  }

  /** Patches of channel, row, column. */
  double[] cut(double[] images, int count) {
    double[] patches = new double[images.length];
    forEachPixel(count, (pixel, token, c, y, x) -> patches[token + first(c, y, x)] = images[pixel]);
    return patches;
  }

  /** Patches of row, column, channel. */
  double[] cutChannelsLast(double[] images, int count) {
    double[] patches = new double[images.length];
    forEachPixel(count, (pixel, token, c, y, x) -> patches[token + last(c, y, x)] = images[pixel]);
    return patches;
  }

  /** {@link #cutChannelsLast}, undone. */
  double[] joinChannelsLast(double[] patches, int count) {
    double[] images = new double[patches.length];
    forEachPixel(count, (pixel, token, c, y, x) -> images[pixel] = patches[token + last(c, y, x)]);
    return images;
  }

  private int first(int channel, int y, int x) {
    return (channel * patch + y) * patch + x;
  }

  private int last(int channel, int y, int x) {
    return (y * patch + x) * shape.channels() + channel;
  }

  private interface Visitor {
    /**
     * @param pixel index in the images
     * @param token index of its patch's first number
     * @param y row inside the patch
     */
    void visit(int pixel, int token, int channel, int y, int x);
  }

  private void forEachPixel(int count, Visitor visitor) {
    int pixel = 0;
    int tokens = shape.height() / patch * columns;
    for (int n = 0; n < count; n++) {
      for (int c = 0; c < shape.channels(); c++) {
        for (int y = 0; y < shape.height(); y++) {
          for (int x = 0; x < shape.width(); x++) {
            int token = n * tokens + y / patch * columns + x / patch;
            visitor.visit(pixel++, token * length, c, y % patch, x % patch);
          }
        }
      }
    }
  }
}
