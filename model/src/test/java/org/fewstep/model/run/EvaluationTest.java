package org.fewstep.model.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.metrics.FeatureCollector;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.FeatureOutput;
import org.fewstep.model.metrics.FrechetDistance;
import org.fewstep.model.metrics.Measurement;
import org.fewstep.model.metrics.Metric;
import org.fewstep.model.metrics.PartialEvaluation;
import org.fewstep.model.metrics.RealFeatures;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.Statistics;
import org.fewstep.model.metrics.distance.FeatureRows;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.sampler.SampleSource;
import org.fewstep.model.sampler.Sampler;
import org.fewstep.model.sampler.TimeGrid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
  private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
  private static final StepModelSpec SPEC =
      new StepModelSpec(
          new UNetSpec(SHAPE, 8, List.of(1, 1), 2, 1, 1, List.of(), 0, 0, 0, true),
          new StepModel.Settings(
              Schedule.FLOW, Parameterisation.SIMPLE_EDM, SecondTime.TARGET, 0.5, 1000),
          0.01,
          0.99);
  private static final Statistics REFERENCE =
      new Statistics(100, new double[2], new double[] {1, 0, 0, 1});

  @Test
  void shouldScoreAllSamplesAndShowTheFirst() {
    try (StepModel model = SPEC.create()) {
      model.network().load(model.network().parameters().initialise(1));
      SampleSource source =
          new SampleSource(
              model,
              SPEC,
              new SampleSource.Plan(
                  Sampler.PUSHFORWARD, TimeGrid.UNIFORM, 1, OptionalInt.empty(), 5));
      List<double[]> grids = new ArrayList<>();
      Evaluation evaluation =
          new Evaluation(
              source,
              SHAPE,
              new Evaluation.Plan(List.of(1, 3), 23, 4, 5),
              new Evaluation.Scoring(
                  Measurement.frechet(new FirstTwoPixels(), REFERENCE), "standard normal", null),
              new Evaluation.Origin("ema", 7, 70),
              (steps, images, shape) -> grids.add(images));
      int batches = 1;
      while (evaluation.step()) {
        batches++;
      }

      assertThat(batches).as("two numbers of steps of 23 images in batches of 5").isEqualTo(10);
      assertThat(evaluation.step()).isFalse();
      assertThat(evaluation.scores()).extracting(Score::steps).containsExactly(1, 3);
      assertThat(grids.get(1))
          .containsExactly(
              Arrays.copyOf(source.draw(3, 0, 5), 4 * SHAPE.size()),
              org.assertj.core.api.Assertions.within(1e-5));

      FeatureCollector all = new FeatureCollector(new FirstTwoPixels());
      all.add(source.draw(3, 0, 23), 23);
      Score score = evaluation.scores().get(1);
      assertThat(score.value())
          .isCloseTo(
              FrechetDistance.between(all.statistics(), REFERENCE),
              org.assertj.core.api.Assertions.within(1e-2));
      assertThat(score.metric()).isEqualTo("FD[first-two-pixels]");
      assertThat(score.images()).isEqualTo(70);
      assertThat(score.floor()).isNull();
    }
  }

  @Test
  void shouldScoreTheSameBitForBitHoweverOftenItIsInterrupted(@TempDir Path folder) {
    StepModel model = model();
    List<Score> whole =
        evaluated(model, PartialEvaluation.none(), FeatureThread.ofTheCaller(), 100);
    assertThat(whole).hasSize(6).extracting(Score::steps).containsExactly(1, 1, 1, 3, 3, 3);
    assertThat(whole).allMatch(score -> Double.isFinite(score.value()));

    List<String> notes = new ArrayList<>();
    List<Score> interrupted = List.of();
    int processes = 0;
    while (interrupted.isEmpty()) {
      processes++;
      assertThat(processes).isLessThan(10);
      try (FeatureThread thread = FeatureThread.ofItsOwn()) {
        interrupted = evaluated(model, partial(folder, notes), thread, 3);
      }
    }

    assertThat(processes).as("two numbers of steps of 8 batches, 3 a process").isEqualTo(6);
    assertThat(interrupted)
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
        .isEqualTo(whole);
    assertThat(notes)
        .hasSize(5)
        .allMatch(note -> note.startsWith("goes on from " + folder.resolve("evaluation-")));
    assertThat(notes.get(0)).endsWith(".partial: 15 samples in 1 step");
    assertThat(notes.get(4)).contains("3 scores", "35 samples in 3 steps");
    assertThat(folder).as("after the end").isEmptyDirectory();
  }

  @Test
  void shouldTellWhereItFailedOnTheOtherThread() {
    FeatureNetwork broken =
        new FirstTwoPixels() {
          @Override
          public float[] features(double[] images, int count) {
            throw new UserException("no features today");
          }
        };
    try (StepModel model = model();
        FeatureThread thread = FeatureThread.ofItsOwn()) {
      Evaluation evaluation =
          evaluation(
              model, Measurement.frechet(broken, REFERENCE), PartialEvaluation.none(), thread);
      assertThatThrownBy(
              () -> {
                while (evaluation.step()) {
                  assertThat(evaluation.drawn()).isLessThan(11);
                }
              })
          .isInstanceOf(UserException.class)
          .hasMessage("no features today");
    }
  }

  private static PartialEvaluation partial(Path folder, List<String> notes) {
    PartialEvaluation partial = PartialEvaluation.in(folder, Duration.ZERO, notes::add);
    partial.dependsOn(() -> "this test");
    return partial;
  }

  /** The scores, or none if that takes more steps than the process lives for. */
  private static List<Score> evaluated(
      StepModel model, PartialEvaluation partial, FeatureThread thread, int stepsToLive) {
    Measurement measurement =
        new Measurement(
            new FirstTwoPixels(),
            EnumSet.of(Metric.FRECHET, Metric.PRECISION_RECALL),
            new RealFeatures(
                Map.of(FeatureOutput.POOLED, REFERENCE),
                FeatureRows.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1, 2, 1, 0.5f, 0, 2, 2}, 2)),
            0);
    Evaluation evaluation = evaluation(model, measurement, partial, thread);
    int left = stepsToLive;
    boolean more = true;
    while (more && left-- > 0) {
      more = evaluation.step();
    }
    thread.run(more ? partial::close : partial::finish);
    return more ? List.of() : evaluation.scores();
  }

  private static StepModel model() {
    StepModel model = SPEC.create();
    model.network().load(model.network().parameters().initialise(1));
    return model;
  }

  private static Evaluation evaluation(
      StepModel model, Measurement measurement, PartialEvaluation partial, FeatureThread thread) {
    return new Evaluation(
        new SampleSource(
            model,
            SPEC,
            new SampleSource.Plan(
                Sampler.PUSHFORWARD, TimeGrid.UNIFORM, 1, OptionalInt.empty(), 5)),
        SHAPE,
        new Evaluation.Plan(List.of(1, 3), 38, 0, 5),
        new Evaluation.Scoring(measurement, "standard normal", null),
        new Evaluation.Origin("ema", 7, 70),
        (steps, images, shape) -> {},
        thread,
        partial);
  }

  /** Features that can be checked by eye. */
  private static class FirstTwoPixels implements FeatureNetwork {
    @Override
    public String name() {
      return "first-two-pixels";
    }

    @Override
    public int dimensions() {
      return 2;
    }

    @Override
    public ImageShape input() {
      return SHAPE;
    }

    @Override
    public float[] features(double[] images, int count) {
      float[] features = new float[2 * count];
      for (int i = 0; i < count; i++) {
        features[2 * i] = (float) images[i * SHAPE.size()];
        features[2 * i + 1] = (float) images[i * SHAPE.size() + 1];
      }
      return features;
    }

    @Override
    public void close() {}
  }
}
