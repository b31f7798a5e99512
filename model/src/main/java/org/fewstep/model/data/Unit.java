package org.fewstep.model.data;

/**
 * The images of one unit of work, which is the same whoever computes it.
 *
 * @param index the unit's global number, from 0
 * @param shape shape of one image
 * @param images n images in [-1, 1], one after the other: n * shape.size() numbers
 * @param labels n classes, -1 where the data set has none
 */
@SuppressWarnings(
    "ArrayRecordComponent") // handed over from a loader to one trainer, never compared
public record Unit(long index, ImageShape shape, double[] images, int[] labels) {
  public Unit {
    if (images.length != labels.length * shape.size()) {
      throw new IllegalArgumentException(
          "%d numbers for %d images of %s".formatted(images.length, labels.length, shape));
    }
  }

  /** Number of images n. */
  public int count() {
    return labels.length;
  }
}
