package org.fewstep.config;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * When a run draws and scores samples, and how. The run's end is always evaluated.
 *
 * @param everyImages evaluate each time so many images were seen; 0 for the end alone
 * @param atImages further points, in images seen
 * @param steps a grid and a score for each of these numbers of steps
 * @param samples images drawn for one score
 * @param gridImages images on a grid
 * @param features the feature network of the score, or {@link #NONE} for grids without scores
 * @param metrics what is measured on it
 * @param reference the data set or statistics to compare with
 * @param heldOut real images whose own score is the floor, or {@link #NONE}
 * @param track the EMA track to sample from, or {@link EmaTrackConfig#LIVE}
 * @param guidance weight w of G(null) + w (G(label) - G(null)); 1 for none
 * @param furtherGuidance weights that everything is drawn and scored by once more
 * @param ddimEta share of DDPM's fresh noise in DDIM's steps
 * @param ddpmVariance of ancestral steps
 * @param churn S_churn of Heun's sampler, 0 for none
 * @param churnMin S_min
 * @param churnMax S_max
 * @param churnNoise S_noise
 * @param batch images per call of the network
 */
public record EvaluationConfig(
    long everyImages,
    List<Long> atImages,
    List<Integer> steps,
    int samples,
    int gridImages,
    String features,
    List<ScoreMetric> metrics,
    String reference,
    String heldOut,
    String track,
    SamplerKind sampler,
    TimeGrid timeGrid,
    double guidance,
    List<Double> furtherGuidance,
    double ddimEta,
    DdpmVariance ddpmVariance,
    double churn,
    double churnMin,
    double churnMax,
    double churnNoise,
    int batch,
    long seed) {
  static final int MOST_SAMPLES = 10_000_000;

  /** All of them are held until the last one is drawn. */
  static final int MOST_GRID_IMAGES = 10_000;

  /** Variance of an ancestral step: the posterior's, or the forward step's. */
  public enum DdpmVariance {
    SMALL,
    LARGE
  }

  /** Switches off what it is written for. */
  public static final String NONE = "none";

  /** Name of the entry that the settings stand for in the run's schedule, with {@code guidance}. */
  public static final String ENTRY = "evaluation";

  private static final int LONGEST_ENTRY = 40;

  public EvaluationConfig {
    atImages = List.copyOf(atImages);
    steps = List.copyOf(steps);
    metrics = List.copyOf(metrics);
    furtherGuidance = List.copyOf(furtherGuidance);
    Check.atLeast("every-images", everyImages, 0);
    Check.eachBetween("at-images", atImages, 1, Long.MAX_VALUE);
    Check.distinct("at-images", atImages);
    Check.notEmpty("steps", steps);
    Check.eachBetween("steps", steps, 1, 1_000_000);
    Check.distinct("steps", steps);
    Check.between("samples", samples, 1, MOST_SAMPLES);
    Check.between("grid-images", gridImages, 1, MOST_GRID_IMAGES);
    Check.notBlank("features", features);
    Check.notEmpty("metrics", metrics);
    Check.distinct("metrics", metrics);
    Check.notBlank("reference", reference);
    Check.notBlank("held-out", heldOut);
    Check.notNegative("guidance", guidance);
    for (double further : furtherGuidance) {
      Check.notNegative("further-guidance", further);
      if (further == guidance) {
        throw new InvalidSetting(
            "further-guidance", "must list other weights than guidance, but lists " + further);
      }
      if (entryOf(further).length() > LONGEST_ENTRY) { // it becomes part of file names
        throw new InvalidSetting(
            "further-guidance", "must list weights of few digits, but lists " + further);
      }
    }
    Check.distinct("further-guidance", furtherGuidance);
    Check.fraction("ddim-eta", ddimEta);
    Check.notNegative("churn", churn);
    Check.notNegative("churn-min", churnMin);
    Check.notNegative("churn-max", churnMax);
    Check.notNegative("churn-noise", churnNoise);
    Check.atLeast("batch", batch, 1);
    if (!features.equals(NONE)) {
      if (samples < 2) {
        throw new InvalidSetting(
            "samples", "must be at least 2, because a score needs a covariance, but is " + samples);
      }
      if (reference.equals(NONE)) {
        throw new InvalidSetting(
            "reference",
            "must name what to compare with, because features = "
                + features
                + " asks for scores (features = none switches them off)");
      }
    }
  }

  /** The schedule that these settings are: an entry for each weight of guidance. */
  public List<EvaluationEntry> entries() {
    List<EvaluationEntry> entries = new ArrayList<>();
    entries.add(entry(ENTRY, guidance));
    for (double further : furtherGuidance) {
      entries.add(entry(entryOf(further), further));
    }
    return entries;
  }

  /** All weights of guidance. */
  public List<Double> guidances() {
    return entries().stream().map(EvaluationEntry::guidance).toList();
  }

  /** Name of the entry of a further weight of guidance: {@code guidance-1-5}. */
  public static String entryOf(double guidance) {
    return "guidance-"
        + BigDecimal.valueOf(guidance).stripTrailingZeros().toPlainString().replace('.', '-');
  }

  private EvaluationEntry entry(String name, double weight) {
    return new EvaluationEntry(
        name,
        everyImages,
        0,
        atImages,
        true,
        List.of(sampler),
        steps,
        List.of(track),
        samples,
        gridImages,
        scored()
            ? List.of(EvaluationMetric.GRID, EvaluationMetric.FRECHET)
            : List.of(EvaluationMetric.GRID),
        weight,
        seed);
  }

  /** Whether samples are scored, not only shown. */
  public boolean scored() {
    return !features.equals(NONE);
  }

  /** Whether there are real images to score as a floor. */
  public boolean hasHeldOut() {
    return !heldOut.equals(NONE);
  }
}
