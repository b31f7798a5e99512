package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short real run under each update rule, by two trainers. */
class UpdateRulesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exchange.rule=synchronous",
        "exchange.rule=bounded-staleness",
        "exchange={rule: local-steps, local-steps: 4, outer-lr: 1, outer-momentum: 0.5}"
      })
  void shouldSeeAllImagesUnderEachRule(String rule) throws IOException {
    Path run = temporary.resolve("run");
    Command.Result result =
        Command.run(
                TinyRun.train(
                    run,
                    rule,
                    "trainers=2",
                    "threads=1",
                    "images=160",
                    "log.tick-images=80",
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
    assertThat(last.get("images").asLong()).isEqualTo(160);
    assertThat(last.get("loss").asDouble()).as(result.out().toString()).isBetween(0.0, 10.0);
    assertThat(last.has("staleness_mean")).isEqualTo(!rule.endsWith("synchronous"));
    assertThat(TinyRun.newestCheckpoint(run).manifest().images()).isEqualTo(160);
  }
}
