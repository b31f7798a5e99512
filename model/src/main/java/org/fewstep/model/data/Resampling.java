package org.fewstep.model.data;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.fewstep.model.io.Png.Pixels;

/**
 * Changes the size of pictures by a filter, first along rows, then along columns, the result of
 * each rounded to 8 bits. When a picture shrinks, the filter widens with it, so that every pixel
 * counts. Weights are rounded to 22 binary digits: results equal Pillow's bit for bit, which made
 * the data sets that others publish scores for.
 */
public final class Resampling {
  /** Mean of the pixels that a new pixel covers. */
  static final Resampling BOX = new Resampling(0.5, x -> x > -0.5 && x <= 0.5 ? 1 : 0);

  /** A triangle that reaches to the next pixel. */
  public static final Resampling BILINEAR = new Resampling(1, x -> Math.max(0, 1 - Math.abs(x)));

  /** Keys' cubic convolution with a = -1/2. */
  public static final Resampling BICUBIC = new Resampling(2, Resampling::cubic);

  /** Sinc, windowed by a wider sinc, three lobes. */
  static final Resampling LANCZOS =
      new Resampling(3, x -> x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0);

  private static final int PRECISION_BITS = 22;

  private final double support;
  private final DoubleUnaryOperator filter;

  private Resampling(double support, DoubleUnaryOperator filter) {
    this.support = support;
    this.filter = filter;
  }

  /** A picture of the same content and another size. */
  public Pixels resize(Pixels pixels, int width, int height) {
    Pixels narrowed =
        pixels.width() == width
            ? pixels
            : transpose(rows(transpose(pixels), weights(pixels.width(), width, 0, width), 0));
    return narrowed.height() == height
        ? narrowed
        : rows(narrowed, weights(narrowed.height(), height, 0, height), 0);
  }

  /**
   * A square of what {@link #resize} would give, without the rest, which may be much larger.
   *
   * @param size pixels a side of the square
   */
  Pixels resizeAndCut(Pixels pixels, long width, long height, long left, long top, int size) {
    Weights across = weights(pixels.width(), width, left, size);
    Weights down = weights(pixels.height(), height, top, size);
    int first = down.first[0];
    int end = down.first[size - 1] + down.values[size - 1].length;
    Pixels needed = cut(pixels, first, end - first);
    return rows(transpose(rows(transpose(needed), across, 0)), down, first);
  }

  private static Pixels cut(Pixels pixels, int top, int height) {
    int width = pixels.width();
    byte[] values = new byte[pixels.channels() * height * width];
    for (int c = 0; c < pixels.channels(); c++) {
      int from = (c * pixels.height() + top) * width;
      System.arraycopy(pixels.values(), from, values, c * height * width, height * width);
    }
    return new Pixels(pixels.channels(), height, width, values);
  }

  /** Weights of consecutive old pixels in each new one. */
  private record Weights(int[] first, int[][] values) {}

  /** The weights of {@code count} new pixels, the first of them number {@code start} of all. */
  private Weights weights(int from, long to, long start, int count) {
    double scale = (double) from / to;
    double width = Math.max(scale, 1);
    double reach = support * width;
    int[] first = new int[count];
    int[][] values = new int[count][];
    for (int i = 0; i < count; i++) {
      double center = (start + i + 0.5) * scale;
      first[i] = Math.max(0, (int) (center - reach + 0.5));
      int end = Math.min(from, (int) (center + reach + 0.5));
      double[] weights = new double[end - first[i]];
      double sum = 0;
      for (int j = 0; j < weights.length; j++) {
        weights[j] = filter.applyAsDouble((j + first[i] - center + 0.5) * (1 / width));
        sum += weights[j];
      }
      values[i] = new int[weights.length];
      for (int j = 0; j < weights.length; j++) {
        double weight = weights[j] / sum * (1 << PRECISION_BITS);
        values[i][j] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
      }
    }
    return new Weights(first, values);
  }

  /**
   * Changes the number of rows; whole rows are summed, which is kind to the cache.
   *
   * @param top what the weights call the first row
   */
  private static Pixels rows(Pixels pixels, Weights weights, int top) {
    int count = weights.first.length;
    int width = pixels.width();
    byte[] values = new byte[pixels.channels() * count * width];
    int[] sums = new int[width];
    for (int c = 0; c < pixels.channels(); c++) {
      for (int y = 0; y < count; y++) {
        Arrays.fill(sums, 1 << (PRECISION_BITS - 1));
        int[] row = weights.values[y];
        for (int j = 0; j < row.length; j++) {
          int from = (c * pixels.height() + weights.first[y] - top + j) * width;
          for (int x = 0; x < width; x++) {
            sums[x] += row[j] * (pixels.values()[from + x] & 0xFF);
          }
        }
        int to = (c * count + y) * width;
        for (int x = 0; x < width; x++) {
          values[to + x] = (byte) Math.max(0, Math.min(255, sums[x] >> PRECISION_BITS));
        }
      }
    }
    return new Pixels(pixels.channels(), count, width, values);
  }

  private static Pixels transpose(Pixels pixels) {
    int height = pixels.height();
    int width = pixels.width();
    byte[] values = new byte[pixels.values().length];
    for (int c = 0; c < pixels.channels(); c++) {
      int plane = c * height * width;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          values[plane + x * height + y] = pixels.values()[plane + y * width + x];
        }
      }
    }
    return new Pixels(pixels.channels(), width, height, values);
  }

  private static double cubic(double signed) {
    double x = Math.abs(signed);
    if (x < 1) {
      return (1.5 * x - 2.5) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
  }
}
