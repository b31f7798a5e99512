package org.fewstep.config;

import java.util.List;
import java.util.regex.Pattern;

/**
 * One line of an evaluation schedule: when to evaluate, and how. It falls due at the first version
 * for which any of its conditions holds; without any it waits to be asked for.
 *
 * @param name of the entry: a-z, 0-9 and dashes
 * @param everyImages each time so many more images were seen; 0 for never
 * @param everyMinutes each time so many more minutes have passed; 0 for never
 * @param atImages at the first version that has seen so many images
 * @param atEnd at the run's last version
 * @param samplers names of samplers, each tried in each number of steps
 * @param steps numbers of sampling steps
 * @param tracks EMA tracks, or {@link EmaTrackConfig#LIVE}
 * @param samples images drawn for one score
 * @param gridImages images on a grid
 * @param metrics what is made of the images
 * @param guidance weight w of G(null) + w (G(label) - G(null)); 1 for none
 * @param seed of the prior noise and the classes
 */
public record EvaluationEntry(
    String name,
    long everyImages,
    double everyMinutes,
    List<Long> atImages,
    boolean atEnd,
    List<SamplerKind> samplers,
    List<Integer> steps,
    List<String> tracks,
    int samples,
    int gridImages,
    List<EvaluationMetric> metrics,
    double guidance,
    long seed) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");
  private static final int MOST_STEPS = 1_000_000;

  public EvaluationEntry {
    atImages = List.copyOf(atImages);
    samplers = List.copyOf(samplers);
    steps = List.copyOf(steps);
    tracks = List.copyOf(tracks);
    metrics = List.copyOf(metrics);
    if (!NAME.matcher(name).matches()) {
      throw new InvalidSetting(
          "name", "must consist of a-z, 0-9 and dashes, but is \"" + name + "\"");
    }
    Check.atLeast("every-images", everyImages, 0);
    Check.notNegative("every-minutes", everyMinutes);
    Check.eachBetween("at-images", atImages, 1, Long.MAX_VALUE);
    Check.distinct("at-images", atImages);
    Check.notEmpty("samplers", samplers);
    Check.distinct("samplers", samplers);
    Check.notEmpty("steps", steps);
    Check.eachBetween("steps", steps, 1, MOST_STEPS);
    Check.distinct("steps", steps);
    Check.notEmpty("tracks", tracks);
    Check.distinct("tracks", tracks);
    Check.between("samples", samples, 1, EvaluationConfig.MOST_SAMPLES);
    Check.between("grid-images", gridImages, 1, EvaluationConfig.MOST_GRID_IMAGES);
    Check.notEmpty("metrics", metrics);
    Check.distinct("metrics", metrics);
    Check.notNegative("guidance", guidance);
    if (metrics.contains(EvaluationMetric.FRECHET) && samples < 2) {
      throw new InvalidSetting(
          "samples", "must be at least 2, because a score needs a covariance, but is " + samples);
    }
  }

  /** Whether samples are scored, not only shown. */
  public boolean scored() {
    return metrics.contains(EvaluationMetric.FRECHET);
  }

  /** Whether samples are shown. */
  public boolean shown() {
    return metrics.contains(EvaluationMetric.GRID);
  }
}
