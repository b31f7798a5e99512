package org.fewstep.actors.coordinator;

import org.jspecify.annotations.Nullable;

/**
 * What happened since the previous tick. Means are over the units applied since then, NaN if there
 * were none.
 *
 * @param images images seen in all
 * @param version updates applied in all
 * @param seconds since this process began to train
 * @param imagesPerSecond since the previous tick
 * @param loss mean loss
 * @param modelKernel mean kernel between particles of the model
 * @param targetKernel mean kernel between particles of the target
 * @param crossKernel mean kernel between both
 * @param gradientNorm mean over the updates of the norm of the update's gradient
 * @param unitGradientNorm mean over the units of the norm of the unit's gradient; against {@code
 *     gradientNorm} it shows how noisy a unit is
 * @param learningRate of the latest update
 * @param trainers trainers that take part
 * @param time where the trainers' time went
 * @param staleness null where nothing can be stale
 */
public record TickStatistics(
    long images,
    long version,
    double seconds,
    double imagesPerSecond,
    double loss,
    double modelKernel,
    double targetKernel,
    double crossKernel,
    double gradientNorm,
    double unitGradientNorm,
    double learningRate,
    int trainers,
    TimeSplit time,
    @Nullable Staleness staleness) {

  /**
   * How many versions had passed since the one at which a push was computed.
   *
   * @param mean over the pushes applied since the previous tick
   * @param max of them
   */
  public record Staleness(double mean, long max) {}

  /** Of a run in which nothing can be stale. */
  public TickStatistics(
      long images,
      long version,
      double seconds,
      double imagesPerSecond,
      double loss,
      double modelKernel,
      double targetKernel,
      double crossKernel,
      double gradientNorm,
      double unitGradientNorm,
      double learningRate,
      int trainers,
      TimeSplit time) {
    this(
        images,
        version,
        seconds,
        imagesPerSecond,
        loss,
        modelKernel,
        targetKernel,
        crossKernel,
        gradientNorm,
        unitGradientNorm,
        learningRate,
        trainers,
        time,
        null);
  }
}
