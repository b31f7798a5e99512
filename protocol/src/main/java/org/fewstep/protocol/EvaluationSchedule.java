package org.fewstep.protocol;

import java.util.List;

/**
 * When a run is evaluated, and how. It is data: it can be replaced while the run goes on, each time
 * under the next version.
 *
 * @param version counts the schedules of a run from 1
 * @param atImages evaluate at the first version that has seen so many images
 * @param everyImages and each time so many more were seen; 0 for never
 * @param steps numbers of sampling steps
 * @param samples images drawn for one score
 * @param gridImages images on a grid
 * @param tracks EMA tracks to evaluate; with none nothing is evaluated
 * @param seed of the prior noise and the classes
 */
public record EvaluationSchedule(
    long version,
    List<Long> atImages,
    long everyImages,
    List<Integer> steps,
    int samples,
    int gridImages,
    List<String> tracks,
    long seed) {

  public EvaluationSchedule {
    atImages = List.copyOf(atImages);
    steps = List.copyOf(steps);
    tracks = List.copyOf(tracks);
    if (everyImages < 0) {
      throw new IllegalArgumentException("everyImages must not be negative: " + everyImages);
    }
  }

  /** The same schedule under another version. */
  public EvaluationSchedule withVersion(long newVersion) {
    return new EvaluationSchedule(
        newVersion, atImages, everyImages, steps, samples, gridImages, tracks, seed);
  }

  /** Whether an evaluation falls due when the images seen grow from one count to another. */
  public boolean dueBetween(long imagesBefore, long imagesAfter) {
    if (everyImages > 0 && imagesAfter / everyImages > imagesBefore / everyImages) {
      return true;
    }
    return atImages.stream().anyMatch(point -> point > imagesBefore && point <= imagesAfter);
  }
}
