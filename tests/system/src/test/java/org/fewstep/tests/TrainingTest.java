package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.assertj.core.groups.Tuple;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.io.Folders;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs, each in a process of its own. */
class TrainingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temporary;

  @Test
  void shouldLeaveEverythingInOneFolderWhenARunEnds() throws IOException {
    TinyRun.shared().result().exitedWith(0);
    Path run = TinyRun.shared().folder();

    assertThat(RunConfigLoader.load(run.resolve("config.conf").toString(), List.of()).config())
        .satisfies(
            config -> {
              assertThat(config.batch()).isEqualTo(16);
              assertThat(config.images()).isEqualTo(TinyRun.IMAGES);
            });
    List<JsonNode> ticks = lines(run.resolve("stats.jsonl"));
    assertThat(ticks)
        .extracting(tick -> tick.get("images").asInt())
        .containsExactly(64, 128, 192, 256, 320);
    assertThat(ticks)
        .allSatisfy(
            tick -> {
              assertThat(tick.get("loss").asDouble()).isBetween(0.0, 10.0);
              assertThat(tick.get("memory_mib").asDouble()).isGreaterThan(50);
              for (String mean : List.of("kernel_model", "kernel_target", "kernel_cross")) {
                assertThat(tick.get(mean).asDouble()).isBetween(0.0, 1.0);
              }
              for (String positive :
                  List.of(
                      "seconds", "images_per_s", "gradient_norm", "learning_rate", "heap_mib")) {
                assertThat(tick.get(positive).asDouble()).isPositive();
              }
              assertThat(tick.get("waiting_share").asDouble()).isBetween(0.0, 1.0);
            });
    assertThat(ScoreJson.read(run.resolve("scores.jsonl")))
        .extracting(Score::metric, Score::images, Score::steps, Score::samples, Score::track)
        .containsExactly(
            score(32, 1), score(32, 2), score(TinyRun.IMAGES, 1), score(TinyRun.IMAGES, 2));
    assertThat(ScoreJson.read(run.resolve("scores.jsonl")))
        .allSatisfy(
            score -> {
              assertThat(score.value()).isPositive().isGreaterThan(score.floor());
              assertThat(score.blurred()).isGreaterThan(score.floor());
            });
    for (String grid :
        List.of(
            "000000032-steps-1", "000000032-steps-2", "000000320-steps-1", "000000320-steps-2")) {
      assertThat(ImageIO.read(run.resolve("samples/images-" + grid + ".png").toFile()).getWidth())
          .isEqualTo(4 * 28 + 3 * 2);
    }
    Checkpoint newest = TinyRun.newestCheckpoint(run);
    assertThat(newest.manifest().images()).isEqualTo(TinyRun.IMAGES);
    assertThat(newest.manifest().version()).isEqualTo(TinyRun.UPDATES);
    assertThat(newest.manifest().tracks()).containsExactly("ema");
    try (Stream<Path> files = Files.list(run)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .anyMatch(name -> name.startsWith("events.out.tfevents."));
    }
  }

  private static Tuple score(int images, int steps) {
    return Tuple.tuple("FD[fashion-cnn]", (long) images, steps, 64, "ema");
  }

  @Test
  void shouldShowHeaderProgressAndScoresWhenARunGoesOn() {
    Command.Result result = TinyRun.shared().result();

    assertThat(result.out().get(0)).isEqualTo("Training tiny");
    assertThat(result.out()).anyMatch(line -> line.contains("21,465 parameters"));
    assertThat(result.out()).anyMatch(line -> line.contains("FD[fashion-cnn]"));
    assertThat(result.out()).anyMatch(line -> line.startsWith("Done after 320 images"));
    assertThat(result.err()).hasSize(5).allMatch(line -> line.contains("images/s  loss 0."));
  }

  @Test
  void shouldLearnTheSameWhenARunIsRepeated() throws IOException {
    Path again = temporary.resolve("again");
    Command.Result result =
        Command.run(TinyRun.train(again, "evaluation.features=none", "--json")).exitedWith(0);

    assertLearntTheSame(again);
    List<String> events = new ArrayList<>();
    for (String line : result.out()) {
      events.add(JSON.readTree(line).get("event").asText());
    }
    assertThat(events).startsWith("start").endsWith("end").contains("tick", "checkpoint");
  }

  @Test
  void shouldLearnTheSameWhenTwoTrainersShareTheWork() {
    Path two = temporary.resolve("two");
    Command.run(TinyRun.train(two, "evaluation.features=none", "trainers=2")).exitedWith(0);

    assertLearntTheSame(two);
  }

  @Test
  void shouldLearnTheSameWhenEveryMessageIsSerialized() {
    Path serialized = temporary.resolve("serialized");
    Command.run(
            TinyRun.train(
                serialized,
                "trainers=2",
                "evaluation.samples=8",
                "pekko.actor.serialize-messages=on"))
        .exitedWith(0);

    assertLearntTheSame(serialized);
    assertThat(ScoreJson.read(serialized.resolve("scores.jsonl"))).hasSize(4);
  }

  @Test
  void shouldLearnTheSameWhenARunIsResumed() throws IOException {
    Path resumed = temporary.resolve("resumed");
    copy(TinyRun.shared().folder(), resumed);
    Folders.delete(TinyRun.newestCheckpoint(resumed).folder());
    assertThat(TinyRun.newestCheckpoint(resumed).manifest().images()).isEqualTo(160);

    Command.run(TinyRun.train(resumed, "evaluation.features=none", "--resume")).exitedWith(0);

    assertLearntTheSame(resumed);
  }

  @Test
  void shouldKeepTheBestCheckpointBesideTheNewest() {
    Path run = temporary.resolve("best");
    Command.Result result =
        Command.run(
                TinyRun.train(
                    run,
                    "evaluation.at-images=[]",
                    "evaluation.every-images=64",
                    "checkpoint.every-images=0",
                    "checkpoint.keep-last=1",
                    "checkpoint.keep-best=1",
                    "checkpoint.best-steps=1",
                    "optimizer.lr=0.05"))
            .exitedWith(0);

    long best =
        ScoreJson.read(run.resolve("scores.jsonl")).stream()
            .filter(score -> score.steps() == 1)
            .min(Comparator.comparingDouble(Score::value))
            .orElseThrow()
            .images();
    assertThat(RunFolder.open(run).checkpoints())
        .extracting(path -> Checkpoint.open(path).manifest().images())
        .containsExactlyElementsOf(new TreeSet<>(List.of(best, (long) TinyRun.IMAGES)));
    assertThat(result.out())
        .contains("  best        %s/checkpoints/images-%09d".formatted(run, best));
  }

  @Test
  void shouldWarnWhenACollapseBegins() {
    Command.Result result =
        Command.run(
                TinyRun.train(
                    temporary.resolve("collapsed"),
                    "images=32",
                    "log.tick-images=16",
                    "optimizer.warmup-images=0",
                    "objective.group-size=1",
                    "evaluation.at-images=[]",
                    "evaluation.features=none",
                    "evaluation.steps=[1]"))
            .exitedWith(0);

    assertThat(result.err())
        .filteredOn(line -> line.contains("collapse"))
        .singleElement()
        .asString()
        .startsWith("fewstep: a collapse may have begun between 0 and 16 images: ")
        .contains("objective.group-size");
  }

  @Test
  void shouldSayWhereItGoesOnAndThatNothingIsLeftToDo() throws IOException {
    Path run = temporary.resolve("damaged");
    copy(TinyRun.shared().folder(), run);
    Path newest = TinyRun.newestCheckpoint(run).folder();
    Files.writeString(newest.resolve("optimizer.safetensors"), "half");
    Files.createDirectory(newest.resolveSibling(".images-000000336.tmp-1-1"));

    Command.Result result = Command.run(TinyRun.train(run, "--resume")).exitedWith(0);

    assertThat(result.out())
        .contains(
            "  goes on     from 160 images, checkpoint images-000000160; passed over"
                + " images-000000320, because optimizer.safetensors is not what its manifest says;"
                + " removed 1 left half-written");
    assertLearntTheSame(run);
    assertThat(ScoreJson.read(run.resolve("scores.jsonl")))
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
        .isEqualTo(ScoreJson.read(TinyRun.shared().folder().resolve("scores.jsonl")));
    Files.delete(run.resolve("config.conf"));
    Command.Result again =
        Command.run(TinyRun.train(run, "--resume", "--json", "optimizer.lr=0.5")).exitedWith(0);
    assertThat(again.out())
        .last()
        .asString()
        .startsWith("{\"event\":\"end\",\"images\":320,\"version\":20,")
        .contains("\"stopped\":false", "images-000000320");
    assertThat(again.err())
        .singleElement()
        .asString()
        .startsWith("fewstep: changed since the checkpoint: optimizer.lr ")
        .endsWith(" -> 0.5");
  }

  /** Ctrl-C, and what a supervisor sends. */
  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void shouldSaveACheckpointAndExitWith130WhenInterrupted(String signal) throws Exception {
    Path run = temporary.resolve("interrupted");
    Command command =
        Command.start(
            TinyRun.train(
                run, "images=1000000", "evaluation.features=none", "checkpoint.every-images=0"));
    await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !command.isAlive() || Files.exists(run.resolve("stats.jsonl")));

    Command.Result second = Command.run(TinyRun.train(run, "--resume")).exitedWith(2);
    assertThat(second.err()).singleElement().asString().contains(") trains in " + run);
    command.signal(signal);

    Command.Result result = command.await().exitedWith(130);
    Checkpoint checkpoint = TinyRun.newestCheckpoint(run);
    assertThat(checkpoint.manifest().images()).isBetween(64L, 999_999L);
    assertThat(result.err()).contains("stopping: a checkpoint is being saved ...");
    assertThat(result.out()).anyMatch(line -> line.startsWith("Stopped after"));
  }

  @Test
  void shouldWriteNothingWhenTheRunIsDry() throws IOException {
    Path run = temporary.resolve("dry");
    Command.Result result =
        Command.run("train", "tiny", "--dry-run", "--json", "--run-dir", run.toString())
            .exitedWith(0);

    assertThat(result.out()).hasSize(1);
    JsonNode described = JSON.readTree(result.out().get(0));
    assertThat(described.get("parameters").asInt()).isEqualTo(21_465);
    assertThat(described.get("updates").asInt()).isEqualTo(10);
    assertThat(described.get("data_images").asInt()).isEqualTo(10_000);
    assertThat(described.at("/memory_bytes/step").asLong()).isBetween(1L << 25, 1L << 26);
    assertThat(described.at("/config/optimizer/lr").asDouble()).isEqualTo(1e-3);
    assertThat(run).doesNotExist();
  }

  private static void assertLearntTheSame(Path run) {
    assertThat(TinyRun.newestCheckpoint(run).manifest().files())
        .containsAllEntriesOf(TinyRun.learnt(TinyRun.shared().folder()));
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      nodes.add(JSON.readTree(line));
    }
    return nodes;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }
}
