package org.fewstep.model.metrics;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.metrics.distance.FeatureRows;

/**
 * Features of images: moments of them, and where asked for the features themselves.
 *
 * <p>Every image is first clipped to [-1, 1] and rounded to the 256 levels of an 8-bit file, so
 * that images score the same in memory and after they were saved; for images that came from a file
 * this changes nothing. An image with a pixel that is not finite has features that are NaN,
 * whatever the network would make of it, and so has every score it enters. Points are taken as they
 * are.
 *
 * <p>Not safe for use by several threads.
 */
public final class FeatureCollector {
  /** Images that are read and given to the network at once. */
  static final int BATCH_IMAGES = 100;

  private final FeatureNetwork network;
  private final Map<FeatureOutput, Moments> moments = new EnumMap<>(FeatureOutput.class);
  private final Map<FeatureOutput, FeatureRows> rows = new EnumMap<>(FeatureOutput.class);
  private long count;

  /** Moments of the pooled features alone. */
  public FeatureCollector(FeatureNetwork network) {
    this(network, EnumSet.of(FeatureOutput.POOLED), EnumSet.noneOf(FeatureOutput.class));
  }

  /**
   * Collects of one pass through the network.
   *
   * @param momentsOf outputs to keep moments of, in memory that does not grow
   * @param rowsOf outputs to keep as they are, 4 bytes a feature
   */
  public FeatureCollector(
      FeatureNetwork network, Set<FeatureOutput> momentsOf, Set<FeatureOutput> rowsOf) {
    this.network = network;
    momentsOf.forEach(output -> moments.put(output, new Moments(network.dimensions(output))));
    rowsOf.forEach(output -> rows.put(output, new FeatureRows(network.dimensions(output))));
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
    return count;
  }

  /**
   * Count, mean and covariance of the pooled features.
   *
   * @throws IllegalStateException when there are fewer than two images
   */
  public Statistics statistics() {
    return statistics(FeatureOutput.POOLED);
  }

  /**
   * Count, mean and covariance of an output that moments were kept of.
   *
   * @throws IllegalStateException when there are fewer than two images
   */
  public Statistics statistics(FeatureOutput output) {
    Moments kept = moments.get(output);
    if (kept == null) {
      throw new IllegalStateException("no moments of " + output + " were kept");
    }
    return kept.statistics();
  }

  /** Statistics of all outputs that moments were kept of. */
  public Map<FeatureOutput, Statistics> allStatistics() {
    Map<FeatureOutput, Statistics> all = new EnumMap<>(FeatureOutput.class);
    moments.forEach((output, kept) -> all.put(output, kept.statistics()));
    return all;
  }

  /** An output that was kept as it is. */
  public FeatureRows rows(FeatureOutput output) {
    FeatureRows kept = rows.get(output);
    if (kept == null) {
      throw new IllegalStateException("no features of " + output + " were kept");
    }
    return kept;
  }

  /** All outputs that were kept as they are. */
  Map<FeatureOutput, FeatureRows> allRows() {
    return Collections.unmodifiableMap(rows);
  }

  /** Writes the moments of all that was added; {@link #allRows} is up to the caller. */
  void writeMoments(DataOutput out) throws IOException {
    for (Moments kept : moments.values()) {
      kept.writeTo(out);
    }
  }

  /**
   * Goes on, bit for bit, where {@link #writeMoments} left an equal collector.
   *
   * @param images that were added before, whose features are in {@link #allRows} already
   * @throws IOException if these are not the moments that are kept here
   */
  void readMoments(DataInput in, long images) throws IOException {
    for (Map.Entry<FeatureOutput, Moments> entry : moments.entrySet()) {
      entry.setValue(Moments.readFrom(in, network.dimensions(entry.getKey())));
    }
    count = images;
  }

  /** Adds images [batch, D] and writes into their array. */
  private void addBatch(double[] images, int batch) {
    int size = network.input().size();
    boolean[] broken = new boolean[batch];
    for (int i = 0; i < images.length; i++) {
      broken[i / size] |= !Double.isFinite(images[i]);
      if (!network.givesPoints()) {
        double level = Math.floor(images[i] * 127.5 + 128);
        images[i] = Math.max(0, Math.min(255, level)) / 127.5 - 1;
      }
    }
    network
        .extract(images, batch)
        .forEach(
            (output, features) -> {
              int d = network.dimensions(output);
              for (int i = 0; i < batch; i++) {
                if (broken[i]) {
                  Arrays.fill(features, i * d, (i + 1) * d, Float.NaN);
                }
              }
              Moments sums = moments.get(output);
              if (sums != null) {
                sums.add(features, batch);
              }
              FeatureRows kept = rows.get(output);
              if (kept != null) {
                kept.add(features, batch);
              }
            });
    count += batch;
  }
}
