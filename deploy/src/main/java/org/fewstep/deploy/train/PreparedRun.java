package org.fewstep.deploy.train;

import com.typesafe.config.ConfigRenderOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfig;
import org.fewstep.deploy.data.FetchableData;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.run.Evaluation;
import org.fewstep.model.run.ModelFactory;
import org.jspecify.annotations.Nullable;

/**
 * A run that could start: everything its settings name has been found and fits together.
 *
 * @param name for people
 * @param scoring null for grids without scores
 * @param folder that the run will write to
 */
public record PreparedRun(
    String name,
    LoadedRun loaded,
    ImageDataset dataset,
    StepModelSpec spec,
    ParameterTable table,
    Evaluation.@Nullable Scoring scoring,
    Path folder) {
  private static final int SHOWN_FINGERPRINT_DIGITS = 12;

  /**
   * Opens data set, network and what scores compare with, which takes seconds.
   *
   * @throws org.fewstep.config.UserException if the settings name something that is not there or
   *     does not fit
   */
  public static PreparedRun of(String name, LoadedRun loaded, Path folder) {
    RunConfig config = loaded.config();
    ModelFactory.checkBuilt(config);
    FetchableData.checkFetched(config.data().path());
    ImageDataset dataset = Datasets.open(config.data().path());
    StepModelSpec spec = ModelFactory.spec(config, dataset);
    EvaluationConfig evaluation = config.evaluation();
    Evaluation.Scoring scoring =
        evaluation.scored()
            ? Scorings.open(
                evaluation.features(),
                evaluation.reference(),
                evaluation.heldOut(),
                dataset.shape())
            : null;
    ParameterTable table = spec.create().network().parameters();
    return new PreparedRun(name, loaded, dataset, spec, table, scoring, folder);
  }

  public RunConfig config() {
    return loaded.config();
  }

  /** Updates until the run's length is reached or passed. */
  long updates() {
    return (config().images() + config().batch() - 1) / config().batch();
  }

  /** What will be trained on what, for people. */
  public String describe() {
    RunConfig c = config();
    EvaluationConfig e = c.evaluation();
    List<String> lines = new ArrayList<>();
    lines.add(
        "  data        %s: %s images of %s%s, fingerprint %s"
            .formatted(
                c.data().path(),
                Numbers.grouped(dataset.count()),
                dataset.shape(),
                c.data().labels() ? " in " + dataset.classes() + " classes" : "",
                dataset.fingerprint().substring(0, SHOWN_FINGERPRINT_DIGITS)));
    lines.add("  network     %s parameters".formatted(Numbers.grouped(table.length())));
    lines.add(
        "  length      %s images: %s updates of %s images in units of %s, %s"
            .formatted(
                Numbers.grouped(c.images()),
                Numbers.grouped(updates()),
                Numbers.grouped(c.batch()),
                Numbers.grouped(c.exchange().unitImages()),
                c.trainers() == 1 ? "1 trainer" : c.trainers() + " trainers"));
    lines.add(
        "  evaluation  %s, in %s steps%s"
            .formatted(
                evaluationPoints(e, c.images()),
                Numbers.list(e.steps()),
                scoring == null
                    ? ", grids only"
                    : ": %s of %s samples"
                        .formatted(
                            scoring.network().frechetMetric(), Numbers.grouped(e.samples()))));
    lines.add(
        "  writes to   %s: config.conf, stats.jsonl, scores.jsonl, samples/, checkpoints/"
            .formatted(folder));
    return String.join(System.lineSeparator(), lines);
  }

  private static String evaluationPoints(EvaluationConfig evaluation, long images) {
    String points =
        "at "
            + Numbers.list(
                LongStream.concat(
                        evaluation.atImages().stream().mapToLong(Long::longValue),
                        LongStream.of(images))
                    .sorted()
                    .distinct()
                    .boxed()
                    .toList())
            + " images";
    return evaluation.everyImages() == 0
        ? points
        : points + " and every " + Numbers.grouped(evaluation.everyImages());
  }

  /** What will be trained on what, for scripts. */
  public Json describe(String event) {
    RunConfig c = config();
    return Json.event(event)
        .put("name", name)
        .put("run_dir", folder.toString())
        .put("parameters", table.length())
        .put("images", c.images())
        .put("updates", updates())
        .put("batch", c.batch())
        .put("unit_images", c.exchange().unitImages())
        .put("units_per_update", c.batch() / c.exchange().unitImages())
        .put("trainers", c.trainers())
        .put("data_path", c.data().path())
        .put("data_images", dataset.count())
        .put("data_shape", dataset.shape().toString())
        .put("data_fingerprint", dataset.fingerprint())
        .put("config", Json.parse(loaded.resolved().root().render(ConfigRenderOptions.concise())));
  }
}
