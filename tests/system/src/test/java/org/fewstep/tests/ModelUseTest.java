package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be done with a model: sample, evaluate, verify. */
class ModelUseTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path GOLDEN =
      Path.of("../../model/src/test/resources/golden").toAbsolutePath();

  @TempDir Path temporary;

  @Test
  void shouldDrawOneGridPerNumberOfStepsWhenSampling() throws IOException {
    Path out = temporary.resolve("grids/drawn.png");
    Command.Result result =
        Command.run(
                "sample",
                "--from",
                TinyRun.shared().folder().toString(),
                "--steps",
                "1,3",
                "--count",
                "101",
                "--out",
                out.toString(),
                "--json")
            .exitedWith(0);

    List<Path> files = new ArrayList<>();
    for (String line : result.out()) {
      JsonNode grid = JSON.readTree(line);
      assertThat(grid.get("count").asInt()).isEqualTo(101);
      assertThat(grid.get("track").asText()).isEqualTo("ema");
      files.add(Path.of(grid.get("file").asText()));
    }
    assertThat(files)
        .containsExactly(
            temporary.resolve("grids/drawn-1step.png"), temporary.resolve("grids/drawn-3step.png"));
    for (Path file : files) {
      assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(11 * 28 + 10 * 2);
      assertThat(ImageIO.read(file.toFile()).getHeight()).isEqualTo(10 * 28 + 9 * 2);
    }
    assertThat(Files.readAllBytes(files.get(0))).isNotEqualTo(Files.readAllBytes(files.get(1)));
  }

  @Test
  void shouldGiveTheRunsOwnScoreWhenEvaluatingItsLastCheckpoint() {
    Path run = TinyRun.shared().folder();
    Command.Result result =
        Command.run(
                "evaluate",
                "--from",
                TinyRun.newestCheckpoint(run).folder().toString(),
                "--steps",
                "2",
                "--samples",
                "64",
                "--json")
            .exitedWith(0);

    assertThat(result.out()).hasSize(1);
    Score ours = ScoreJson.fromLine(result.out().get(0));
    List<Score> ofRun = ScoreJson.read(run.resolve("scores.jsonl"));
    Score last = ofRun.get(ofRun.size() - 1);
    assertThat(ours)
        .usingRecursiveComparison()
        .ignoringFields("seconds", "value", "floor", "blurred")
        .isEqualTo(last);
    // Batches differ, and with them the order of sums inside a convolution.
    assertThat(ours.value()).isCloseTo(last.value(), withPercentage(0.1));
  }

  @Test
  void shouldEndAnEvaluationThatWasKilledAsIfItHadNotBeen() throws Exception {
    Path run = TinyRun.shared().folder();
    Command killed = Command.start(evaluate(run, "--save-every", "0.01"));
    while (killed.isAlive() && saved(run).stream().noneMatch(file -> file.endsWith(".state"))) {
      Thread.sleep(2);
    }
    Command.Result half = killed.kill();
    assertThat(half.exitCode()).as("%s", half).isEqualTo(128 + 9);
    assertThat(half.out()).as("scores of both numbers of steps").hasSizeLessThan(4);

    Command.Result resumed;
    Command.Result whole;
    try (CommandServer process = CommandServer.startIn(temporary)) {
      resumed = process.run(evaluate(run)).exitedWith(0);
      whole = process.run(evaluate(run, "--no-resume")).exitedWith(0);
    }

    assertThat(resumed.err())
        .filteredOn(line -> line.contains("goes on from"))
        .singleElement()
        .asString()
        .matches(".*evaluation-[0-9a-f]{16}\\.partial: .*\\d+ (samples|scores).*");
    assertThat(whole.err()).noneMatch(line -> line.contains("goes on from"));
    assertThat(scores(resumed))
        .hasSize(4)
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
        .isEqualTo(scores(whole));
    assertThat(saved(run)).isEmpty();
  }

  private static String[] evaluate(Path run, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("evaluate", "--from", run.toString(), "--steps", "1,2", "--samples", "120"));
    arguments.addAll(List.of("--metrics", "frechet,frechet-infinite", "--held-out", "none"));
    arguments.addAll(List.of("--batch", "20", "--json"));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  private static List<Score> scores(Command.Result result) {
    return result.out().stream().map(ScoreJson::fromLine).toList();
  }

  /** Files that an interrupted evaluation left in a run. */
  private static List<String> saved(Path run) {
    List<String> files = new ArrayList<>();
    for (String name : names(run)) {
      if (name.startsWith("evaluation-")) {
        files.addAll(names(run.resolve(name)));
      }
    }
    return files;
  }

  private static List<String> names(Path folder) {
    String[] names = folder.toFile().list();
    return names == null ? List.of() : List.of(names);
  }

  @Test
  void shouldImportAnOfficialPickleAsItsTensorsAre() throws IOException {
    Path out = temporary.resolve("imported.safetensors");
    Command.Result result =
        Command.run(
                "import",
                GOLDEN.resolve("unet_small.pkl").toString(),
                "--out",
                out.toString(),
                "--json")
            .exitedWith(0);

    JsonNode told = JSON.readTree(result.out().get(0));
    try (Safetensors imported = Safetensors.open(out);
        Safetensors golden = Safetensors.open(GOLDEN.resolve("unet_small.weights.safetensors"))) {
      assertThat(told.get("tensors").asInt()).isEqualTo(imported.names().size());
      for (String name : imported.names()) {
        assertThat(imported.floats(name)).as(name).isEqualTo(golden.floats(name));
      }
    }
    Command.Result refused =
        Command.run("import", GOLDEN.resolve("unet_small.pkl").toString(), "--out", out.toString())
            .exitedWith(2);
    assertThat(refused.err()).singleElement().asString().contains("--force");
  }

  @Test
  void shouldFindEverythingOkWhenVerifyingGoldenValues() {
    Command.Result result = Command.run("verify", GOLDEN.toString()).exitedWith(0);

    assertThat(result.out()).anyMatch(line -> line.matches("imm_loss case14 \\S+ 1e-09 ok"));
    assertThat(result.out()).anyMatch(line -> line.matches("unet_small forward\\S* \\S+ 1e-05 ok"));
    assertThat(result.out())
        .anyMatch(line -> line.matches("unet_small gradients\\S* \\S+ 1e-04 ok"));
    assertThat(result.out())
        .anyMatch(line -> line.matches("unet_small samplers\\S* \\S+ 1e-05 ok"));
    assertThat(result.out()).noneMatch(line -> line.contains("FAIL"));
  }

  @Test
  void shouldExitWith1WhenAGoldenValueDiffers() throws IOException {
    byte[] golden = Files.readAllBytes(GOLDEN.resolve("imm_loss.safetensors"));
    int exponentOfLastDouble = golden.length - 1;
    golden[exponentOfLastDouble] ^= 0x10;
    Files.write(temporary.resolve("imm_loss.safetensors"), golden);

    Command.Result result = Command.run("verify", temporary.toString(), "--json").exitedWith(1);

    List<JsonNode> failed = new ArrayList<>();
    for (String line : result.out()) {
      JsonNode check = JSON.readTree(line);
      if (!check.get("ok").asBoolean()) {
        failed.add(check);
      }
    }
    assertThat(result.out()).hasSize(15);
    assertThat(failed).hasSize(1);
    assertThat(failed.get(0).get("worst").asText()).isNotEmpty();
  }
}
