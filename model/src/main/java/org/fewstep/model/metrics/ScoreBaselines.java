package org.fewstep.model.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.fewstep.model.data.ImageDataset;

/**
 * What a score has to be read against: the Frechet distance of held-out real images to the same
 * reference (the floor: a perfect generator gets it) and of the same images blurred (what a
 * generator gets that draws the right things without their detail).
 *
 * <p>Both depend on the number of images, since an estimated covariance of few images inflates the
 * distance, so compare at the same number. Each is computed once per number. Not safe for use by
 * several threads.
 */
public final class ScoreBaselines {
  /** Standard deviation of the Gaussian that the blurred images are customarily blurred with. */
  public static final double BLUR_SIGMA_PIXELS = 1.5;

  private final FeatureNetwork network;
  private final Statistics reference;
  private final ImageDataset heldOut;
  private final UnaryOperator<double[]> blur;
  private final Map<Integer, Double> floors = new HashMap<>();
  private final Map<Integer, Double> blurs = new HashMap<>();

  /**
   * @param reference of the images that generators are scored against
   * @param heldOut real images that are not among those of the reference; at least two
   * @param blur one image [D] to the same image blurred by {@link #BLUR_SIGMA_PIXELS}
   */
  public ScoreBaselines(
      FeatureNetwork network,
      Statistics reference,
      ImageDataset heldOut,
      UnaryOperator<double[]> blur) {
    this.network = network;
    this.reference = reference;
    this.heldOut = heldOut;
    this.blur = blur;
  }

  /**
   * Number of held-out images used for a score of {@code samples} images: as many, if there are.
   */
  public int images(int samples) {
    return Math.min(samples, heldOut.count());
  }

  /** Distance of the first {@code images(samples)} held-out images. */
  public double floor(int samples) {
    return floors.computeIfAbsent(images(samples), n -> distance(n, UnaryOperator.identity()));
  }

  /** Distance of the first {@code images(samples)} held-out images, blurred. */
  public double blurred(int samples) {
    return blurs.computeIfAbsent(images(samples), n -> distance(n, blur));
  }

  private double distance(int count, UnaryOperator<double[]> change) {
    FeatureMoments moments = new FeatureMoments(network);
    moments.add(heldOut, 0, count, change);
    return FrechetDistance.between(moments.statistics(), reference);
  }
}
