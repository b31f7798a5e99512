package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.UnitReader;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.objective.Objective;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.model.run.Objectives;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short real run under each update rule, by two trainers. */
class UpdateRulesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int IMAGES = 320;

  /** Units that no run of this length sees. */
  private static final long FIRST_UNIT = 500;

  private static final int UNITS = 8;

  /** Of the loss, at most this is left; each rule leaves 0.85 to 0.89. */
  private static final double LEARNT = 0.95;

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exchange.rule=synchronous",
        "exchange.rule=bounded-staleness",
        "exchange={rule: local-steps, local-steps: 4, outer-lr: 1, outer-momentum: 0.5}"
      })
  void shouldSeeAllImagesAndLearnUnderEachRule(String rule) throws IOException {
    Path run = temporary.resolve("run");
    Command.Result result =
        Command.run(
                TinyRun.train(
                    run,
                    rule,
                    "trainers=2",
                    "threads=1",
                    "images=" + IMAGES,
                    "log.tick-images=160",
                    "checkpoint.every-images=0",
                    "evaluation.features=none",
                    "evaluation.at-images=[]",
                    "evaluation.steps=[1]"))
            .exitedWith(0);

    List<JsonNode> ticks = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("stats.jsonl"))) {
      ticks.add(JSON.readTree(line));
    }
    JsonNode last = ticks.get(ticks.size() - 1);
    assertThat(last.get("images").asLong()).isEqualTo(IMAGES);
    assertThat(last.get("loss").asDouble()).as(result.out().toString()).isBetween(0.0, 10.0);
    assertThat(last.has("staleness_mean")).isEqualTo(!rule.endsWith("synchronous"));
    Checkpoint end = TinyRun.newestCheckpoint(run);
    assertThat(end.manifest().images()).isEqualTo(IMAGES);
    Losses losses = losses(end);
    assertThat(losses.last()).isLessThan(LEARNT * losses.first());
  }

  private record Losses(double first, double last) {}

  /** Mean loss of the same units with the same randomness, before and after the training. */
  private static Losses losses(Checkpoint end) {
    RunConfig config =
        RunConfigLoader.load("tiny", List.of("seed=" + end.manifest().seed())).config();
    ImageDataset dataset = Datasets.open(config.data().path());
    StepModelSpec spec = ModelFactory.spec(config, dataset);
    StepModel model = spec.create();
    ParameterTable table = model.network().parameters();
    Objective objective = Objectives.of(config, spec, model);
    UnitReader units =
        new UnitReader(
            dataset, config.seed(), config.exchange().unitImages(), config.data().flip());
    return new Losses(
        meanLoss(table.initialise(config.seed()), model, objective, units),
        meanLoss(end.state(table).parameters(), model, objective, units));
  }

  private static double meanLoss(
      float[] parameters, StepModel model, Objective objective, UnitReader units) {
    model.network().load(parameters);
    float[] gradient = new float[parameters.length];
    double sum = 0;
    for (long unit = FIRST_UNIT; unit < FIRST_UNIT + UNITS; unit++) {
      sum += objective.evaluate(units.read(unit), gradient).loss();
    }
    return sum / UNITS;
  }
}
