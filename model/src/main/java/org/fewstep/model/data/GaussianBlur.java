package org.fewstep.model.data;

/**
 * Blurs images with a Gaussian, rows and columns one after the other. The kernel reaches ceil(4
 * sigma) pixels and is scaled to sum 1; beyond the border the image is mirrored with its border
 * pixel repeated (c b a | a b c | c b a).
 */
public final class GaussianBlur {
  private final double[] kernel;
  private final int radius;

  /**
   * Creates a blur.
   *
   * @param sigmaPixels standard deviation in pixels, positive
   */
  public GaussianBlur(double sigmaPixels) {
    if (!(sigmaPixels > 0) || Double.isInfinite(sigmaPixels)) {
      throw new IllegalArgumentException("sigma must be positive, not " + sigmaPixels);
    }
    radius = (int) Math.ceil(4 * sigmaPixels);
    kernel = new double[2 * radius + 1];
    double sum = 0;
    for (int i = -radius; i <= radius; i++) {
      double z = i / sigmaPixels;
      kernel[radius + i] = Math.exp(-0.5 * z * z);
      sum += kernel[radius + i];
    }
    for (int i = 0; i < kernel.length; i++) {
      kernel[i] /= sum;
    }
  }

  /**
   * A blurred copy.
   *
   * @param images any number of images of the shape, one after the other
   */
  public double[] apply(double[] images, ImageShape shape) {
    if (images.length % shape.size() != 0) {
      throw new IllegalArgumentException(
          "%d numbers are no whole number of images of %s".formatted(images.length, shape));
    }
    int height = shape.height();
    int width = shape.width();
    double[] rowsDone = new double[images.length];
    double[] result = new double[images.length];
    for (int plane = 0; plane < images.length; plane += height * width) {
      for (int y = 0; y < height; y++) {
        convolve(images, rowsDone, plane + y * width, 1, width);
      }
      for (int x = 0; x < width; x++) {
        convolve(rowsDone, result, plane + x, width, height);
      }
    }
    return result;
  }

  private void convolve(double[] from, double[] to, int start, int stride, int length) {
    for (int i = 0; i < length; i++) {
      double sum = 0;
      for (int k = -radius; k <= radius; k++) {
        sum += kernel[radius + k] * from[start + stride * reflect(i + k, length)];
      }
      to[start + stride * i] = sum;
    }
  }

  private static int reflect(int position, int length) {
    int folded = Math.floorMod(position, 2 * length);
    return folded < length ? folded : 2 * length - 1 - folded;
  }
}
