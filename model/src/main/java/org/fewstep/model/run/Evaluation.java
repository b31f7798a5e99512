package org.fewstep.model.run;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.FeatureCollector;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.Measurement;
import org.fewstep.model.metrics.PartialEvaluation;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreBaselines;
import org.fewstep.model.sampler.SampleSource;
import org.jspecify.annotations.Nullable;

/**
 * Draws the samples of one set of parameters in several numbers of steps, shows the first ones as a
 * grid and scores all of them. One call of {@link #step} draws one batch, so that whoever runs it
 * can do something else in between; the batch before is scored meanwhile, where the {@link
 * FeatureThread} is one of its own.
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

    /** With a grid of no more images than this process can well hold: at most 2^26 numbers. */
    private Plan fitting(ImageShape shape) {
      int most = Math.max(1, MOST_GRID_NUMBERS / shape.size());
      return new Plan(steps, samples, Math.min(gridImages, most), batch);
    }
  }

  /**
   * What samples are compared with.
   *
   * @param referenceName as reported
   * @param baselines scores of real images, null without held-out images
   * @param checksums of what stands behind the names
   */
  public record Scoring(
      Measurement measurement,
      String referenceName,
      @Nullable ScoreBaselines baselines,
      Checksums checksums) {
    /** Without checksums. */
    public Scoring(
        Measurement measurement, String referenceName, @Nullable ScoreBaselines baselines) {
      this(measurement, referenceName, baselines, new Checksums("", "", ""));
    }

    /** Whose features scores are taken on. */
    public FeatureNetwork network() {
      return measurement.network();
    }
  }

  /**
   * Checksums of what a scoring opened: two with the same ones give the same scores, wherever the
   * files lie. Names, where there is nothing but a name.
   *
   * @param features of the feature network's file
   * @param reference of the real images or their statistics
   * @param heldOut of the held-out images
   */
  public record Checksums(String features, String reference, String heldOut) {}

  /** Whose samples they are. */
  public record Origin(String track, long version, long images) {}

  /** Receives a grid's images. */
  @FunctionalInterface
  public interface GridSink {
    void write(int steps, double[] images, ImageShape shape);
  }

  private static final int MOST_GRID_NUMBERS = 1 << 26;

  private final SampleSource source;
  private final ImageShape shape;
  private final Plan plan;
  private final @Nullable Scoring scoring;
  private final Origin origin;
  private final GridSink grids;
  private final FeatureThread features;
  private final PartialEvaluation partial;
  private final List<Score> scores = new CopyOnWriteArrayList<>();

  private int stepsIndex;
  private int drawn;
  private @Nullable Part part;

  /** An evaluation on one thread. */
  public Evaluation(
      SampleSource source,
      ImageShape shape,
      Plan plan,
      @Nullable Scoring scoring,
      Origin origin,
      GridSink grids) {
    this(
        source,
        shape,
        plan,
        scoring,
        origin,
        grids,
        FeatureThread.ofTheCaller(),
        PartialEvaluation.none());
  }

  /**
   * An evaluation that goes on from what is kept of it.
   *
   * @param features what scoring and partial belong to, and on which grids are written
   * @param partial of scores alone: where something may be kept, there are no grids
   */
  public Evaluation(
      SampleSource source,
      ImageShape shape,
      Plan plan,
      @Nullable Scoring scoring,
      Origin origin,
      GridSink grids,
      FeatureThread features,
      PartialEvaluation partial) {
    this.source = source;
    this.shape = shape;
    this.plan = plan.fitting(shape);
    this.scoring = scoring;
    this.origin = origin;
    this.grids = grids;
    this.features = features;
    this.partial = partial;
    scores.addAll(features.call(partial::scores));
    stepsIndex = (int) scores.stream().mapToInt(Score::steps).distinct().count();
    if (stepsIndex < plan.steps().size()) {
      Part first = new Part(plan.steps().get(stepsIndex));
      drawn = features.call(first::resume);
      part = first;
    }
  }

  /** Scores known so far: for each number of steps that is complete, one by each metric. */
  public List<Score> scores() {
    return List.copyOf(scores);
  }

  /** Samples drawn so far, in all numbers of steps together. */
  public long drawn() {
    return (long) stepsIndex * total() + drawn;
  }

  /**
   * Draws the next batch.
   *
   * @return whether there is more to do; if not, all scores are known
   */
  public boolean step() {
    if (stepsIndex == plan.steps().size()) {
      return false;
    }
    Part current = part == null ? new Part(plan.steps().get(stepsIndex)) : part;
    part = current;
    int first = drawn;
    int count = Math.min(plan.batch(), total() - first);
    boolean last = first + count == total();
    // Nothing is left to draw where the last process ended between the last batch and the scores.
    double[] images = count == 0 ? new double[0] : source.draw(current.steps, first, count);
    features.give(
        () -> {
          current.collect(images, first, count);
          if (last) {
            current.finish();
          }
        });
    drawn += count;
    if (last) {
      part = null;
      stepsIndex++;
      drawn = 0;
    }
    if (stepsIndex < plan.steps().size()) {
      return true;
    }
    features.await();
    return false;
  }

  private int total() {
    return scoring == null ? plan.gridImages() : Math.max(plan.samples(), plan.gridImages());
  }

  /** The samples in one number of steps; but for its making it belongs to the feature thread. */
  private final class Part {
    private final int steps;
    private final String name;
    private final double[] grid = new double[plan.gridImages() * shape.size()];
    private final long startedNanos = System.nanoTime();

    private @Nullable FeatureCollector collector;
    private double secondsBefore;

    Part(int steps) {
      this.steps = steps;
      this.name = "samples in %d %s".formatted(steps, steps == 1 ? "step" : "steps");
    }

    /** Goes on from what is kept; returns the number of samples. */
    int resume() {
      Scoring by = scoring;
      if (by == null) {
        return 0;
      }
      PartialEvaluation.Collected before = partial.resume(name, by.measurement()::begin);
      collector = before.features();
      secondsBefore = before.seconds();
      return Math.toIntExact(collector.count());
    }

    void collect(double[] images, int first, int count) {
      int shown = Math.max(0, Math.min(count, plan.gridImages() - first));
      if (shown > 0) {
        System.arraycopy(images, 0, grid, first * shape.size(), shown * shape.size());
      }
      int scored = Math.min(count, plan.samples() - first);
      Scoring by = scoring;
      if (by == null || scored <= 0) {
        return;
      }
      FeatureCollector collecting = collector;
      if (collecting == null) {
        collecting = by.measurement().begin();
        collector = collecting;
      }
      collecting.add(images, scored);
      partial.added(name, new PartialEvaluation.Collected(collecting, seconds()));
    }

    void finish() {
      if (plan.gridImages() > 0) {
        grids.write(steps, grid, shape);
      }
      Scoring by = scoring;
      FeatureCollector complete = collector;
      if (by == null || complete == null) {
        return;
      }
      List<Measurement.Value> values = by.measurement().values(complete);
      double seconds = seconds();
      List<Score> known = values.stream().map(value -> score(value, steps, by, seconds)).toList();
      partial.add(known);
      partial.drop(name);
      scores.addAll(known);
    }

    private double seconds() {
      return secondsBefore + (System.nanoTime() - startedNanos) / 1e9;
    }
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
