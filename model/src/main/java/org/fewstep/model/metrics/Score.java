package org.fewstep.model.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A metric's value with everything needed to repeat it. {@link ScoreJson} gives its form as JSON.
 *
 * @param metric name of the metric with its feature network: {@code FD[fashion-cnn]}
 * @param value lower is better for distances; NaN when the samples were not finite
 * @param steps sampling steps per image
 * @param networkEvaluations network forward passes per image; guidance doubles the steps
 * @param samples number of generated images
 * @param features name of the feature network
 * @param reference name of the images compared with
 * @param track name of the EMA track the parameters came from
 * @param images images the model was trained on (the clock of a run)
 * @param version number of updates applied to the parameters
 * @param sampler name of the sampler
 * @param timeGrid name of the sampler's time grid
 * @param guidance classifier-free guidance weight; 1 is none
 * @param seed of the prior noise and the classes
 * @param floor the same score of held-out real images; null where there are none
 * @param floorSamples number of those images; null where there are none
 * @param blurred the same score of the same real images, blurred by {@link
 *     ScoreBaselines#BLUR_SIGMA_PIXELS}; null where there are none
 * @param standardError of the value, where the metric knows one; otherwise null, and not in the
 *     JSON
 * @param seconds time it took to draw and score the samples
 */
public record Score(
    String metric,
    double value,
    int steps,
    int networkEvaluations,
    int samples,
    String features,
    String reference,
    String track,
    long images,
    long version,
    String sampler,
    String timeGrid,
    double guidance,
    long seed,
    @Nullable Double floor,
    @Nullable Integer floorSamples,
    @Nullable Double blurred,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double standardError,
    double seconds) {

  /** A baseline that is NaN is as good as none. */
  public Score {
    floor = numberOrNull(floor);
    blurred = numberOrNull(blurred);
    standardError = numberOrNull(standardError);
  }

  /** A score whose metric knows no standard error. */
  public Score(
      String metric,
      double value,
      int steps,
      int networkEvaluations,
      int samples,
      String features,
      String reference,
      String track,
      long images,
      long version,
      String sampler,
      String timeGrid,
      double guidance,
      long seed,
      @Nullable Double floor,
      @Nullable Integer floorSamples,
      @Nullable Double blurred,
      double seconds) {
    this(
        metric,
        value,
        steps,
        networkEvaluations,
        samples,
        features,
        reference,
        track,
        images,
        version,
        sampler,
        timeGrid,
        guidance,
        seed,
        floor,
        floorSamples,
        blurred,
        null,
        seconds);
  }

  private static @Nullable Double numberOrNull(@Nullable Double value) {
    return value == null || value.isNaN() ? null : value;
  }
}
