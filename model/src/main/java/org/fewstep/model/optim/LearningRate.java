package org.fewstep.model.optim;

/**
 * The learning rate as a function of the images seen: rises linearly over the first images, stays
 * at its peak, and falls linearly to 0 over the last ones. Where both overlap, the lower one holds.
 *
 * @param peak the highest rate
 * @param warmupImages images until the peak is reached; 0 for none
 * @param decayImages images over which the rate falls to 0 at the end; 0 for none
 * @param totalImages length of the run in images
 */
public record LearningRate(double peak, long warmupImages, long decayImages, long totalImages) {
  public LearningRate {
    if (!(peak >= 0) || Double.isInfinite(peak)) {
      throw new IllegalArgumentException("the peak must be a number from 0 on, not " + peak);
    }
    if (warmupImages < 0 || decayImages < 0 || totalImages < decayImages) {
      throw new IllegalArgumentException(
          "a warm-up of %d and a decay of %d images do not fit a run of %d"
              .formatted(warmupImages, decayImages, totalImages));
    }
  }

  /** The same rate at all times. */
  public static LearningRate constant(double rate) {
    return new LearningRate(rate, 0, 0, 0);
  }

  /**
   * The rate of the update that comes after {@code images} images, so that an update during the
   * warm-up uses the rate at which it starts, and the last update of the run is not lost.
   */
  public double at(long images) {
    double risen = warmupImages == 0 ? 1 : Math.min(1, (double) images / warmupImages);
    double left =
        decayImages == 0
            ? 1
            : Math.max(0, Math.min(1, (double) (totalImages - images) / decayImages));
    return peak * Math.min(risen, left);
  }
}
