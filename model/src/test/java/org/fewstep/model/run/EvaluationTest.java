package org.fewstep.model.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.metrics.FeatureCollector;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.FrechetDistance;
import org.fewstep.model.metrics.Measurement;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.Statistics;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.sampler.SampleSource;
import org.fewstep.model.sampler.Sampler;
import org.fewstep.model.sampler.TimeGrid;
import org.junit.jupiter.api.Test;

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

  /** Features that can be checked by eye. */
  private static final class FirstTwoPixels implements FeatureNetwork {
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
