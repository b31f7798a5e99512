package org.fewstep.deploy.train;

import java.util.List;
import java.util.OptionalInt;
import org.fewstep.actors.evaluator.EvaluationJob;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.evaluator.SampleImages;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.latent.LatentView;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.run.Evaluation;
import org.fewstep.model.sampler.SampleSource;
import org.jspecify.annotations.Nullable;

/** The evaluations of a run, on a step model of their own, on whichever node. */
final class RunEvaluations implements Evaluations {
  private final EvaluationConfig config;
  private final StepModelSpec spec;
  private final StepModel model;
  private final @Nullable LatentView view;
  private final Evaluation.@Nullable Scoring scoring;

  /**
   * @param view null where samples are pictures themselves; closed with this
   * @param scoring null for grids alone; closed with this
   */
  RunEvaluations(
      EvaluationConfig config,
      StepModelSpec spec,
      @Nullable LatentView view,
      Evaluation.@Nullable Scoring scoring) {
    this.config = config;
    this.spec = spec;
    this.model = spec.create();
    this.view = view;
    this.scoring = scoring;
  }

  @Override
  public void load(float[] parameters) {
    model.network().load(parameters);
  }

  @Override
  public EvaluationJob begin(EvaluationPart part) {
    EvaluationEntry entry = part.entry();
    SampleSource source =
        new SampleSource(
            model,
            spec,
            new SampleSource.Plan(
                Sampling.sampler(part.sampler()),
                Sampling.options(config),
                Sampling.grid(config.timeGrid()),
                entry.guidance(),
                OptionalInt.empty(),
                entry.seed()),
            view);
    Shown shown = new Shown();
    Evaluation evaluation =
        new Evaluation(
            source,
            source.shape(),
            new Evaluation.Plan(
                List.of(part.steps()),
                entry.samples(),
                entry.shown() ? entry.gridImages() : 0,
                config.batch()),
            entry.scored() ? scoring : null,
            new Evaluation.Origin(part.track(), part.version(), part.images()),
            shown);
    return new EvaluationJob() {
      @Override
      public boolean step() {
        return evaluation.step();
      }

      @Override
      public List<Score> scores() {
        return evaluation.scores();
      }

      @Override
      public @Nullable SampleImages shown() {
        return shown.images;
      }
    };
  }

  /** Keeps the grid of a part, which has one number of steps. */
  private static final class Shown implements Evaluation.GridSink {
    private @Nullable SampleImages images;

    @Override
    public void write(int steps, double[] pixels, ImageShape shape) {
      float[] narrow = new float[pixels.length];
      for (int i = 0; i < narrow.length; i++) {
        narrow[i] = (float) pixels[i];
      }
      images = new SampleImages(shape, narrow);
    }
  }

  @Override
  public void close() {
    new EvaluationTools(view, scoring).close();
  }
}
