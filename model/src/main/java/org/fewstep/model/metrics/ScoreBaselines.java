package org.fewstep.model.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.fewstep.model.data.ImageDataset;

/**
 * What a score has to be read against: the same score of held-out real images (the floor: a perfect
 * generator gets it) and of the same images blurred (what a generator gets that draws the right
 * things without their detail).
 *
 * <p>Both depend on the number of images, since an estimated covariance of few images inflates the
 * distance, so compare at the same number. Each is computed once per number. Not safe for use by
 * several threads.
 */
public final class ScoreBaselines {
  /** Standard deviation of the Gaussian that the blurred images are customarily blurred with. */
  public static final double BLUR_SIGMA_PIXELS = 1.5;

  private final Measurement measurement;
  private final ImageDataset heldOut;
  private final UnaryOperator<double[]> blur;
  private final PartialEvaluation partial;
  private final Map<Integer, List<Measurement.Value>> floors = new HashMap<>();
  private final Map<Integer, List<Measurement.Value>> blurs = new HashMap<>();

  /**
   * @param measurement what generators are scored by
   * @param heldOut real images that are not among those of the reference; at least two
   * @param blur one image [D] to the same image blurred by {@link #BLUR_SIGMA_PIXELS}
   */
  public ScoreBaselines(
      Measurement measurement, ImageDataset heldOut, UnaryOperator<double[]> blur) {
    this(measurement, heldOut, blur, PartialEvaluation.none());
  }

  /** As above, where features of held-out images are kept and gone on from. */
  public ScoreBaselines(
      Measurement measurement,
      ImageDataset heldOut,
      UnaryOperator<double[]> blur,
      PartialEvaluation partial) {
    this.measurement = measurement;
    this.heldOut = heldOut;
    this.blur = blur;
    this.partial = partial;
  }

  /**
   * Number of held-out images used for a score of {@code samples} images: as many, if there are.
   */
  public int images(int samples) {
    return Math.min(samples, heldOut.count());
  }

  /** Score of the first {@code images(samples)} held-out images; NaN where there are too few. */
  public double floor(String metric, int samples) {
    return value(
        metric,
        floors.computeIfAbsent(
            images(samples), n -> values("held-out images", n, UnaryOperator.identity())));
  }

  /** Score of the first {@code images(samples)} held-out images, blurred. */
  public double blurred(String metric, int samples) {
    return value(
        metric,
        blurs.computeIfAbsent(images(samples), n -> values("blurred held-out images", n, blur)));
  }

  private List<Measurement.Value> values(String name, int count, UnaryOperator<double[]> change) {
    return measurement.values(partial.collect(name, measurement::begin, heldOut, count, change));
  }

  private static double value(String metric, List<Measurement.Value> values) {
    return values.stream()
        .filter(value -> value.metric().equals(metric))
        .mapToDouble(Measurement.Value::value)
        .findFirst()
        .orElse(Double.NaN);
  }
}
