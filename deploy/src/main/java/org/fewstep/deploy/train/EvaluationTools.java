package org.fewstep.deploy.train;

import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.RunConfig;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.latent.LatentView;
import org.fewstep.model.run.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * What a run's samples are shown and scored by. Whoever evaluates with it closes it.
 *
 * @param view of latents; null where samples are pictures themselves
 * @param scoring null for grids without scores
 */
public record EvaluationTools(@Nullable LatentView view, Evaluation.@Nullable Scoring scoring)
    implements AutoCloseable {

  /**
   * Opens what the run's settings name, which takes seconds.
   *
   * @throws UserException if something is not there or does not fit
   */
  public static EvaluationTools open(RunConfig config, ImageDataset dataset) {
    EvaluationConfig evaluation = config.evaluation();
    LatentView view = LatentView.open(config.latent().decoder(), dataset.shape(), "latent.decoder");
    if (view != null && !view.decodes() && evaluation.scored()) {
      throw new UserException(
          "evaluation.features asks for scores of pictures, but data.path = %s holds latents; name"
                  .formatted(config.data().path())
              + " their decoder by latent.decoder=FILE.onnx");
    }
    return new EvaluationTools(
        view,
        evaluation.scored()
            ? Scorings.open(
                evaluation.features(),
                Scorings.metrics(evaluation.metrics()),
                evaluation.reference(),
                evaluation.heldOut(),
                view == null ? dataset.shape() : view.pictures())
            : null);
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
