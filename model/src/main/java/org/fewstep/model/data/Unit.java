package org.fewstep.model.data;

/**
 * The piece into which training is cut: a fixed number of images with a global index, the same
 * whoever computes it.
 *
 * @param index position in the run, from 0
 * @param images [n*D] in [-1, 1]
 * @param labels classes of the images, [n]; -1 without labels
 */
public record Unit(long index, ImageShape shape, double[] images, int[] labels) {
  public Unit {
    if (images.length != labels.length * shape.size()) {
      throw new IllegalArgumentException(
          "%d numbers are not %d images of %s".formatted(images.length, labels.length, shape));
    }
  }

  /** Number of images n. */
  public int count() {
    return labels.length;
  }
}
