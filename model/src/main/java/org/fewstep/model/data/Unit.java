package org.fewstep.model.data;

import java.util.Arrays;

/**
 * The images of one unit of work, which is the same whoever computes it, or consecutive ones of
 * them.
 *
 * @param index the unit's global number, from 0
 * @param shape shape of one image
 * @param images n images in [-1, 1], one after the other: n * shape.size() numbers
 * @param labels n classes, -1 where the data set has none
 * @param first place of the first of these images in the unit; 0 unless this is a part
 * @param total images in the whole unit
 */
@SuppressWarnings(
    "ArrayRecordComponent") // handed over from a loader to one trainer, never compared
public record Unit(
    long index, ImageShape shape, double[] images, int[] labels, int first, int total) {
  public Unit {
    if (images.length != labels.length * shape.size()) {
      throw new IllegalArgumentException(
          "%d numbers for %d images of %s".formatted(images.length, labels.length, shape));
    }
    if (first < 0 || first + labels.length > total) {
      throw new IllegalArgumentException(
          "%d images from place %d on are no part of %d".formatted(labels.length, first, total));
    }
  }

  /** A whole unit. */
  public Unit(long index, ImageShape shape, double[] images, int[] labels) {
    this(index, shape, images, labels, 0, labels.length);
  }

  /** Number of images n. */
  public int count() {
    return labels.length;
  }

  /** The images from one place up to another, counted among these. */
  public Unit part(int from, int to) {
    int size = shape.size();
    return new Unit(
        index,
        shape,
        Arrays.copyOfRange(images, from * size, to * size),
        Arrays.copyOfRange(labels, from, to),
        first + from,
        total);
  }
}
