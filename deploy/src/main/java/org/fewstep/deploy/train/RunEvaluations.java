package org.fewstep.deploy.train;

import java.util.List;
import java.util.OptionalInt;
import org.fewstep.actors.evaluator.EvaluationJob;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.run.Evaluation;
import org.fewstep.model.sampler.SampleSource;
import org.fewstep.protocol.EvaluationSchedule;
import org.jspecify.annotations.Nullable;

/** The evaluations of a run, on a step model of their own. */
final class RunEvaluations implements Evaluations {
  private final EvaluationConfig config;
  private final StepModelSpec spec;
  private final StepModel model;
  private final Evaluation.@Nullable Scoring scoring;
  private final RunFolder folder;
  private final DiskRefusals refusals;

  RunEvaluations(
      EvaluationConfig config,
      StepModelSpec spec,
      Evaluation.@Nullable Scoring scoring,
      RunFolder folder,
      DiskRefusals refusals) {
    this.config = config;
    this.spec = spec;
    this.model = spec.create();
    this.scoring = scoring;
    this.folder = folder;
    this.refusals = refusals;
  }

  @Override
  public EvaluationJob begin(
      float[] parameters, long version, long images, String track, EvaluationSchedule schedule) {
    model.network().load(parameters);
    SampleSource source =
        new SampleSource(
            model,
            spec,
            new SampleSource.Plan(
                Sampling.sampler(config.sampler()),
                Sampling.grid(config.timeGrid()),
                config.guidance(),
                OptionalInt.empty(),
                schedule.seed()));
    Evaluation evaluation =
        new Evaluation(
            source,
            spec.network().shape(),
            new Evaluation.Plan(
                schedule.steps(), schedule.samples(), schedule.gridImages(), config.batch()),
            scoring,
            new Evaluation.Origin(track, version, images),
            (steps, pixels, shape) -> {
              if (!refusals.written(
                  "grids", () -> folder.writeGrid(images, steps, pixels, shape))) {
                refusals.unfinished(images);
              }
            });
    return new EvaluationJob() {
      @Override
      public boolean step() {
        return evaluation.step();
      }

      @Override
      public List<Score> scores() {
        return evaluation.scores();
      }
    };
  }

  @Override
  public void close() {
    if (scoring != null) {
      scoring.network().close();
    }
  }
}
