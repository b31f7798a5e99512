package org.fewstep.model.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.FeatureCollector;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.Measurement;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreBaselines;
import org.fewstep.model.sampler.SampleSource;
import org.jspecify.annotations.Nullable;

/**
 * Draws the samples of one set of parameters in several numbers of steps, shows the first ones as a
 * grid and scores all of them. One call of {@link #step} draws one batch, so that whoever runs it
 * can do something else in between.
 */
public final class Evaluation {
  /**
   * How much is drawn.
   *
   * @param steps numbers of steps, each with a grid and a score of its own
   * @param samples images for a score; ignored without scoring
   * @param gridImages images on a grid, 0 for no grid
   * @param batch images per network call
   */
  public record Plan(List<Integer> steps, int samples, int gridImages, int batch) {
    public Plan {
      steps = List.copyOf(steps);
    }
  }

  /**
   * What samples are compared with.
   *
   * @param referenceName as reported
   * @param baselines scores of real images, null without held-out images
   */
  public record Scoring(
      Measurement measurement, String referenceName, @Nullable ScoreBaselines baselines) {
    /** Whose features scores are taken on. */
    public FeatureNetwork network() {
      return measurement.network();
    }
  }

  /** Whose samples they are. */
  public record Origin(String track, long version, long images) {}

  /** Receives a grid's images. */
  @FunctionalInterface
  public interface GridSink {
    void write(int steps, double[] images, ImageShape shape);
  }

  private final SampleSource source;
  private final ImageShape shape;
  private final Plan plan;
  private final @Nullable Scoring scoring;
  private final Origin origin;
  private final GridSink grids;
  private final List<Score> scores = new ArrayList<>();

  private int stepsIndex;
  private int drawn;
  private double[] grid = new double[0];
  private @Nullable FeatureCollector features;
  private long startedNanos;

  public Evaluation(
      SampleSource source,
      ImageShape shape,
      Plan plan,
      @Nullable Scoring scoring,
      Origin origin,
      GridSink grids) {
    this.source = source;
    this.shape = shape;
    this.plan = plan;
    this.scoring = scoring;
    this.origin = origin;
    this.grids = grids;
  }

  /** Scores known so far: for each number of steps that is complete, one by each metric. */
  public List<Score> scores() {
    return List.copyOf(scores);
  }

  /**
   * Draws the next batch.
   *
   * @return whether there is more to do
   */
  public boolean step() {
    if (stepsIndex == plan.steps().size()) {
      return false;
    }
    int steps = plan.steps().get(stepsIndex);
    if (drawn == 0) {
      begin();
    }
    int count = Math.min(plan.batch(), total() - drawn);
    double[] images = source.draw(steps, drawn, count);
    collect(images, count);
    drawn += count;
    if (drawn == total()) {
      finish(steps);
      stepsIndex++;
      drawn = 0;
    }
    return stepsIndex < plan.steps().size();
  }

  private int total() {
    return scoring == null ? plan.gridImages() : Math.max(plan.samples(), plan.gridImages());
  }

  private void begin() {
    startedNanos = System.nanoTime();
    grid = new double[plan.gridImages() * shape.size()];
    features = scoring == null ? null : scoring.measurement().begin();
  }

  private void collect(double[] images, int count) {
    int shown = Math.max(0, Math.min(count, plan.gridImages() - drawn));
    if (shown > 0) {
      System.arraycopy(images, 0, grid, drawn * shape.size(), shown * shape.size());
    }
    int scored = Math.min(count, plan.samples() - drawn);
    if (features != null && scored > 0) {
      features.add(Arrays.copyOf(images, scored * shape.size()), scored);
    }
  }

  private void finish(int steps) {
    if (plan.gridImages() > 0) {
      grids.write(steps, grid, shape);
    }
    if (scoring == null || features == null) {
      return;
    }
    List<Measurement.Value> values = scoring.measurement().values(features);
    features = null;
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    values.forEach(value -> scores.add(score(value, steps, scoring, seconds)));
  }

  private Score score(Measurement.Value value, int steps, Scoring by, double seconds) {
    ScoreBaselines baselines = by.baselines();
    int samples = plan.samples();
    SampleSource.Plan how = source.plan();
    return new Score(
        value.metric(),
        value.value(),
        steps,
        source.networkEvaluations(steps),
        samples,
        by.network().name(),
        by.referenceName(),
        origin.track(),
        origin.images(),
        origin.version(),
        how.samplerLabel(),
        how.timeGrid().name(),
        how.guidance(),
        how.seed(),
        baselines == null ? null : baselines.floor(value.metric(), samples),
        baselines == null ? null : baselines.images(samples),
        baselines == null ? null : baselines.blurred(value.metric(), samples),
        value.standardError(),
        seconds);
  }
}
