package org.fewstep.deploy.train;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.fewstep.actors.evaluator.EvaluationJob;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.config.Choices;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.latent.LatentView;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.run.Evaluation;
import org.fewstep.model.sampler.SampleSource;
import org.jspecify.annotations.Nullable;

/** The evaluations of a run, on a step model of their own. */
final class RunEvaluations implements Evaluations {
  private final EvaluationConfig config;
  private final StepModelSpec spec;
  private final StepModel model;
  private final @Nullable LatentView view;
  private final Evaluation.@Nullable Scoring scoring;
  private final RunFolder folder;
  private final DiskRefusals refusals;

  RunEvaluations(
      EvaluationConfig config,
      StepModelSpec spec,
      @Nullable LatentView view,
      Evaluation.@Nullable Scoring scoring,
      RunFolder folder,
      DiskRefusals refusals) {
    this.config = config;
    this.spec = spec;
    this.model = spec.create();
    this.view = view;
    this.scoring = scoring;
    this.folder = folder;
    this.refusals = refusals;
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
                Sampling.grid(config.timeGrid()),
                entry.guidance(),
                OptionalInt.empty(),
                entry.seed()),
            view);
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
            (steps, pixels, shape) -> {
              if (!refusals.written(
                  "grids",
                  () -> folder.writeGrid(part.images(), label(part), steps, pixels, shape))) {
                refusals.unfinished(part.images());
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

  /**
   * What tells a grid from others of the same images and steps, joined by what no name has in it;
   * nothing for the settings' own entry.
   */
  private static String label(EvaluationPart part) {
    EvaluationEntry entry = part.entry();
    List<String> parts = new ArrayList<>();
    if (!entry.name().equals(EvaluationConfig.ENTRY)) {
      parts.add(entry.name());
    }
    if (entry.tracks().size() > 1) {
      parts.add(part.track());
    }
    if (entry.samplers().size() > 1) {
      parts.add(Choices.nameOf(part.sampler()));
    }
    return String.join("_", parts);
  }

  @Override
  public void close() {
    if (view != null) {
      view.close();
    }
    if (scoring != null) {
      scoring.network().close();
    }
  }
}
