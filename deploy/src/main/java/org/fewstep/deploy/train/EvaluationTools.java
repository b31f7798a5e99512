package org.fewstep.deploy.train;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.LatentConfig;
import org.fewstep.config.RunConfig;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.io.Sha256;
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
  private static final int SHOWN_DIGITS = 12;

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

  /**
   * Checksums of the files that evaluations depend on, by the settings that name them. Evaluators
   * of one run must have the same.
   *
   * @param scoring null for grids without scores
   */
  public static Map<String, String> checksums(
      RunConfig config, Evaluation.@Nullable Scoring scoring) {
    Map<String, String> checksums = new TreeMap<>();
    String decoder = config.latent().decoder();
    if (!decoder.equals(LatentConfig.NONE)) {
      checksums.put("latent.decoder", Sha256.ofFile(Path.of(decoder)));
    }
    if (scoring != null) {
      checksums.put("evaluation.features", scoring.checksums().features());
      checksums.put("evaluation.reference", scoring.checksums().reference());
      checksums.put("evaluation.held-out", scoring.checksums().heldOut());
    }
    return checksums;
  }

  /**
   * Checks that a node evaluates with the files of its run.
   *
   * @param here {@link #checksums} of the node
   * @param there those of the run
   * @throws UserException naming a setting whose file differs
   */
  public static void checkSame(Map<String, String> here, Map<String, String> there) {
    here.forEach(
        (setting, checksum) -> {
          String wanted = there.getOrDefault(setting, "none");
          if (!checksum.equals(wanted)) {
            throw new UserException(
                "what %s names is another file here than the run's (checksum %s here, %s there)"
                    .formatted(setting, shown(checksum), shown(wanted)));
          }
        });
  }

  private static String shown(String checksum) {
    return checksum.substring(0, Math.min(SHOWN_DIGITS, checksum.length()));
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
