package org.fewstep.model.data;

import java.util.LinkedHashMap;
import java.util.Map;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;

/**
 * Cuts a data set into units. Image j of unit u stands at the global position p = u * unitImages +
 * j; with N images in the set, its epoch is e = p div N, and it is image permutation_e[p mod N],
 * where each epoch has its own permutation. So every image is seen once per epoch, a unit may reach
 * over the end of an epoch, and which images a unit holds depends on the seed and its index alone.
 *
 * <p>Safe for several threads.
 */
public final class UnitReader {
  /** Loaders work close together; at the end of an epoch two are in use. */
  private static final int CACHED_EPOCHS = 3;

  private final ImageDataset dataset;
  private final long seed;
  private final int unitImages;
  private final boolean flip;
  private final Map<Long, int[]> orders = new LinkedHashMap<>();

  /**
   * Creates a reader.
   *
   * @param unitImages images per unit
   * @param flip whether half of the images, chosen at random, are mirrored left to right
   */
  public UnitReader(ImageDataset dataset, long seed, int unitImages, boolean flip) {
    if (unitImages < 1) {
      throw new IllegalArgumentException("a unit needs at least one image, not " + unitImages);
    }
    this.dataset = dataset;
    this.seed = seed;
    this.unitImages = unitImages;
    this.flip = flip;
  }

  /** Reads the images and labels of a unit. */
  public Unit read(long unitIndex) {
    if (unitIndex < 0) {
      throw new IllegalArgumentException("units are counted from 0, not from " + unitIndex);
    }
    ImageShape shape = dataset.shape();
    int n = dataset.count();
    double[] images = new double[unitImages * shape.size()];
    int[] labels = new int[unitImages];
    CounterRandom flips = CounterRandom.of(seed, Purpose.FLIP, unitIndex);
    CounterRandom latents = CounterRandom.of(seed, Purpose.LATENT, unitIndex);
    long start = Math.multiplyExact(unitIndex, unitImages);
    for (int j = 0; j < unitImages; j++) {
      long position = start + j;
      int index = order(position / n)[(int) (position % n)];
      dataset.draw(index, latents, images, j * shape.size());
      labels[j] = dataset.label(index);
      if (flip && flips.nextInt() < 0) {
        mirror(images, j * shape.size(), shape);
      }
    }
    return new Unit(unitIndex, shape, images, labels);
  }

  private synchronized int[] order(long epoch) {
    int[] order = orders.get(epoch);
    if (order == null) {
      order = CounterRandom.of(seed, Purpose.IMAGE_ORDER, epoch).permutation(dataset.count());
      if (orders.size() == CACHED_EPOCHS) {
        orders.remove(orders.keySet().iterator().next());
      }
      orders.put(epoch, order);
    }
    return order;
  }

  private static void mirror(double[] images, int offset, ImageShape shape) {
    int width = shape.width();
    for (int row = 0; row < shape.channels() * shape.height(); row++) {
      int left = offset + row * width;
      for (int right = left + width - 1; left < right; left++, right--) {
        double kept = images[left];
        images[left] = images[right];
        images[right] = kept;
      }
    }
  }
}
