package org.fewstep.model.metrics;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.fewstep.model.data.ImageDataset;

/**
 * Moments of the features of images.
 *
 * <p>Every image is first clipped to [-1, 1] and rounded to the 256 levels of an 8-bit file, so
 * that images score the same in memory and after they were saved; for images that came from a file
 * this changes nothing. An image with a pixel that is not finite has features that are NaN,
 * whatever the network would make of it, and so has every score it enters.
 *
 * <p>Not safe for use by several threads.
 */
public final class FeatureMoments {
  private static final int BATCH_IMAGES = 100;

  private final FeatureNetwork network;
  private final Moments moments;

  public FeatureMoments(FeatureNetwork network) {
    this.network = network;
    this.moments = new Moments(network.dimensions());
  }

  /**
   * Adds the first {@code count} images.
   *
   * @param images [count, D] in [-1, 1], each image CHW; not changed
   */
  public void add(double[] images, int count) {
    int size = network.input().size();
    if (count < 0 || (long) count * size > images.length) {
      throw new IllegalArgumentException(
          count
              + " images of "
              + network.input()
              + " do not fit into "
              + images.length
              + " numbers");
    }
    for (int start = 0; start < count; start += BATCH_IMAGES) {
      int end = Math.min(start + BATCH_IMAGES, count);
      addBatch(Arrays.copyOfRange(images, start * size, end * size), end - start);
    }
  }

  /** Adds the images {@code from <= index < to} of a data set. */
  public void add(ImageDataset dataset, int from, int to) {
    add(dataset, from, to, UnaryOperator.identity());
  }

  /**
   * Adds the images {@code from <= index < to} of a data set, each changed first.
   *
   * @param change one image [D] to another of the same shape; it may write into its argument
   */
  public void add(ImageDataset dataset, int from, int to, UnaryOperator<double[]> change) {
    if (!dataset.shape().equals(network.input())) {
      throw new IllegalArgumentException(
          network.name() + " takes images of " + network.input() + ", not of " + dataset.shape());
    }
    int size = network.input().size();
    for (int start = from; start < to; start += BATCH_IMAGES) {
      int count = Math.min(BATCH_IMAGES, to - start);
      double[] batch = new double[count * size];
      for (int i = 0; i < count; i++) {
        double[] image = new double[size];
        dataset.read(start + i, image, 0);
        System.arraycopy(change.apply(image), 0, batch, i * size, size);
      }
      addBatch(batch, count);
    }
  }

  /** Number of images added so far. */
  public long count() {
    return moments.count();
  }

  /**
   * Count, mean and covariance of the features.
   *
   * @throws IllegalStateException when there are fewer than two images
   */
  public Statistics statistics() {
    return moments.statistics();
  }

  /** Adds images [count, D] and writes into their array. */
  private void addBatch(double[] images, int count) {
    int size = network.input().size();
    boolean[] broken = new boolean[count];
    for (int i = 0; i < images.length; i++) {
      broken[i / size] |= !Double.isFinite(images[i]);
      double level = Math.floor(images[i] * 127.5 + 128);
      images[i] = Math.max(0, Math.min(255, level)) / 127.5 - 1;
    }
    float[] features = network.features(images, count);
    int d = network.dimensions();
    for (int i = 0; i < count; i++) {
      if (broken[i]) {
        Arrays.fill(features, i * d, (i + 1) * d, Float.NaN);
      }
    }
    moments.add(features, count);
  }
}
