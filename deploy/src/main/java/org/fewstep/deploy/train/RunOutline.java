package org.fewstep.deploy.train;

import com.typesafe.config.ConfigRenderOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.fewstep.config.Choices;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.ExchangeConfig;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.ObjectiveConfig;
import org.fewstep.config.RunConfig;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.model.run.RunMemory;

/**
 * What a run would be, as far as that is known without its data.
 *
 * @param name for people
 * @param folder that the run will write to
 * @param trainers that this process will start
 */
public record RunOutline(
    String name,
    LoadedRun loaded,
    StepModelSpec spec,
    ParameterTable table,
    Path folder,
    int trainers) {

  /**
   * The outline of a run whose data are not there yet; empty where they are, or where the settings
   * do not say what they will be.
   *
   * @param trainers that this process would start
   */
  public static Optional<RunOutline> withoutData(
      String name, LoadedRun loaded, Path folder, int trainers) {
    RunConfig config = loaded.config();
    if (Datasets.exists(config.data().path())) {
      return Optional.empty();
    }
    return ModelFactory.expectedSpec(config)
        .map(
            spec ->
                new RunOutline(name, loaded, spec, spec.network().parameters(), folder, trainers));
  }

  /** For people, about data that are not there yet. */
  public String describe() {
    return describe(
        "%s: not there yet; expected are %s"
            .formatted(config().data().path(), config().data().expected().describe()),
        config().evaluation().scored() ? "scores" : "grids only");
  }

  /**
   * For people.
   *
   * @param data what is known of the data set
   * @param scores what evaluations will score
   */
  String describe(String data, String scores) {
    RunConfig c = config();
    EvaluationConfig e = c.evaluation();
    List<String> lines = new ArrayList<>();
    lines.add("  data        " + data);
    lines.add(
        "  network     %s parameters%s"
            .formatted(
                Numbers.grouped(table.parameterCount()),
                c.initFrom().equals(RunConfig.FRESH) ? "" : ", beginning with " + c.initFrom()));
    if (c.objective() instanceof ObjectiveConfig.MomentMatching distillation) {
      lines.add(
          "  teacher     %s, distilled for %d step%s, %s"
              .formatted(
                  distillation.teacher(),
                  distillation.steps(),
                  distillation.steps() == 1 ? "" : "s",
                  Choices.nameOf(distillation.form())));
    }
    lines.add(
        "  length      %s images: %s updates of %s images in units of %s%s, %s"
            .formatted(
                Numbers.grouped(c.images()),
                Numbers.grouped(updates()),
                Numbers.grouped(c.batch()),
                Numbers.grouped(c.exchange().unitImages()),
                passImages(c) < c.exchange().unitImages()
                    ? " computed %s at a time".formatted(Numbers.grouped(passImages(c)))
                    : "",
                switch (trainers) {
                  case 0 -> "trainers on other nodes";
                  case 1 -> "1 trainer";
                  default -> trainers + " trainers";
                }));
    exchange(c.exchange()).ifPresent(line -> lines.add("  exchange    " + line));
    lines.add("  memory      " + describe(memory()));
    lines.add(
        "  evaluation  %s, in %s steps%s %s"
            .formatted(
                evaluationPoints(e, c.images()),
                Numbers.list(e.steps()),
                e.scored() ? ":" : ",",
                scores));
    lines.add(
        "  writes to   %s: config.conf, stats.jsonl, scores.jsonl, samples/, checkpoints/"
            .formatted(folder));
    return String.join(System.lineSeparator(), lines);
  }

  private RunMemory memory() {
    return RunMemory.of(config(), spec, trainers);
  }

  private String describe(RunMemory memory) {
    return """
        about %s: Java itself %s, parameters %s, gradients %s, optimizer %s, averages %s,
                      a checkpoint %s, evaluations %s%s\
        """
        .formatted(
            Numbers.bytes(memory.total()),
            Numbers.bytes(memory.javaItself()),
            Numbers.bytes(memory.parameters()),
            Numbers.bytes(memory.gradients()),
            Numbers.bytes(memory.optimizer()),
            Numbers.bytes(memory.averages()),
            Numbers.bytes(memory.checkpoint()),
            Numbers.bytes(memory.evaluation()),
            trainers == 0
                ? ""
                : ", %s %s, of which a step of %s takes %s"
                    .formatted(
                        trainers == 1 ? "the trainer" : "each of %d trainers".formatted(trainers),
                        Numbers.bytes(memory.trainer()),
                        Numbers.counted(memory.stepImages(), "image"),
                        Numbers.bytes(memory.step())));
  }

  private static Json json(RunMemory memory) {
    return Json.object()
        .put("total", memory.total())
        .put("java", memory.javaItself())
        .put("parameters", memory.parameters())
        .put("gradients", memory.gradients())
        .put("optimizer", memory.optimizer())
        .put("averages", memory.averages())
        .put("checkpoint", memory.checkpoint())
        .put("evaluation", memory.evaluation())
        .put("trainer", memory.trainer())
        .put("step", memory.step())
        .put("heap", memory.heap());
  }

  /** What to say of a machine that has too little memory; see {@link MemoryWarning}. */
  public Optional<String> memoryWarning() {
    return new MemoryWarning(config(), spec, trainers)
        .on(ProcessMemory.machineBytes(), Runtime.getRuntime().maxMemory());
  }

  private static Optional<String> exchange(ExchangeConfig exchange) {
    if (exchange instanceof ExchangeConfig.LocalSteps local) {
      return Optional.of(
          "rounds of %s local steps, each of an update's images"
              .formatted(Numbers.grouped(local.localSteps())));
    }
    if (exchange instanceof ExchangeConfig.Synchronous synchronous) {
      return synchronous.delay() == 0
          ? Optional.empty()
          : Optional.of(
              "units are computed %d version%s behind"
                  .formatted(synchronous.delay(), synchronous.delay() == 1 ? "" : "s"));
    }
    return Optional.of("units count as they come");
  }

  /** For scripts. */
  public Json describe(String event) {
    RunConfig c = config();
    return Json.event(event)
        .put("name", name)
        .put("run_dir", folder.toString())
        .put("parameters", table.parameterCount())
        .put("images", c.images())
        .put("updates", updates())
        .put("batch", c.batch())
        .put("unit_images", c.exchange().unitImages())
        .put("micro_batch", passImages(c))
        .put("units_per_update", c.batch() / c.exchange().unitImages())
        .put("trainers", trainers)
        .put("memory_bytes", json(memory()))
        .put("data_path", c.data().path())
        .put("config", Json.parse(loaded.resolved().root().render(ConfigRenderOptions.concise())));
  }

  /** Images that a trainer computes at once. */
  private static int passImages(RunConfig config) {
    int unit = config.exchange().unitImages();
    return Math.min(unit, config.microBatch().orElse(unit));
  }

  private RunConfig config() {
    return loaded.config();
  }

  /** Updates until the run's length is reached or passed. */
  private long updates() {
    return (config().images() + config().batch() - 1) / config().batch();
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
}
