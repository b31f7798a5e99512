package org.fewstep.deploy.train;

import java.nio.file.Path;
import java.util.Optional;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfig;
import org.fewstep.deploy.data.FetchableData;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.latent.LatentView;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.run.Evaluation;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.model.run.Teacher;
import org.jspecify.annotations.Nullable;

/**
 * A run that could start: everything its settings name has been found and fits together.
 *
 * @param name for people
 * @param teacher of a run that distils one
 * @param view makes pictures of latents; null where the data are pictures
 * @param scoring null for grids without scores
 * @param folder that the run will write to
 * @param trainers that this process starts
 */
public record PreparedRun(
    String name,
    LoadedRun loaded,
    ImageDataset dataset,
    StepModelSpec spec,
    ParameterTable table,
    Optional<Teacher> teacher,
    @Nullable LatentView view,
    Evaluation.@Nullable Scoring scoring,
    Path folder,
    int trainers) {
  private static final int SHOWN_FINGERPRINT_DIGITS = 12;

  /**
   * Opens data set, network and what scores compare with, which takes seconds.
   *
   * @throws org.fewstep.config.UserException if the settings name something that is not there or
   *     does not fit
   */
  public static PreparedRun of(String name, LoadedRun loaded, Path folder) {
    return of(name, loaded, folder, true);
  }

  /**
   * As {@link #of}, where weights that the settings name may not be there yet. Good for looking at,
   * not for training.
   */
  static PreparedRun withoutWeights(String name, LoadedRun loaded, Path folder) {
    return of(name, loaded, folder, false);
  }

  private static PreparedRun of(String name, LoadedRun loaded, Path folder, boolean weights) {
    RunConfig config = loaded.config();
    ModelFactory.checkBuilt(config);
    FetchableData.checkFetched(config.data().path());
    ImageDataset dataset = Datasets.open(config.data().path());
    StepModelSpec spec = ModelFactory.spec(config, dataset);
    Optional<Teacher> teacher = weights ? Teacher.of(config, spec) : Optional.empty();
    if (weights && !goesOn(folder)) {
      ModelFactory.initialWeights(config, spec);
    }
    EvaluationTools tools = EvaluationTools.open(config, dataset);
    ParameterTable table = spec.network().parameters();
    return new PreparedRun(
        name,
        loaded,
        dataset,
        spec,
        table,
        teacher,
        tools.view(),
        tools.scoring(),
        folder,
        config.trainers());
  }

  /** The same run, with so many trainers in this process, which may be 0 where others can join. */
  public PreparedRun withTrainers(int number) {
    return new PreparedRun(
        name, loaded, dataset, spec, table, teacher, view, scoring, folder, number);
  }

  /** Whether there is a checkpoint to go on from, in place of what init-from names. */
  private static boolean goesOn(Path folder) {
    return RunFolder.is(folder) && RunFolder.open(folder).newestCheckpoint().isPresent();
  }

  public RunConfig config() {
    return loaded.config();
  }

  /** What will be trained on what, for people. */
  public String describe() {
    RunConfig c = config();
    String data =
        "%s: %s images of %s%s, fingerprint %s"
            .formatted(
                c.data().path(),
                Numbers.grouped(dataset.count()),
                dataset.shape(),
                c.data().labels() ? " in " + dataset.classes() + " classes" : "",
                dataset.fingerprint().substring(0, SHOWN_FINGERPRINT_DIGITS));
    String scores =
        scoring == null
            ? view == null || view.decodes()
                ? "grids only"
                : "grids of the latents' channels (latent.decoder=FILE.onnx shows pictures)"
            : "%s of %s samples"
                .formatted(
                    String.join(", ", scoring.measurement().metricNames()),
                    Numbers.grouped(c.evaluation().samples()));
    return outline().describe(data, scores);
  }

  /** What will be trained on what, for scripts. */
  public Json describe(String event) {
    return outline()
        .describe(event)
        .put("data_images", dataset.count())
        .put("data_shape", dataset.shape().toString())
        .put("data_fingerprint", dataset.fingerprint());
  }

  /** What this run would be. */
  public RunOutline outline() {
    return new RunOutline(name, loaded, spec, table, folder, trainers);
  }
}
