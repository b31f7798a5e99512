package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.metrics.ScoreJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is killed again and again ends like one that never was. */
class KillTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int KILLS = 30;
  private static final int IMAGES = 1280;
  private static final int BATCH = 8;

  /** Close to its end a run is killed while it starts, so that it does not end by itself. */
  private static final int LAST_IMAGES = 30 * BATCH;

  private static final List<String> SETTINGS =
      List.of(
          "images=" + IMAGES,
          "batch=" + BATCH,
          "exchange.unit-images=" + BATCH,
          "network.attention-resolutions=[]",
          "data.path=builtin:fashion-mnist-test-2k",
          "evaluation.held-out=none",
          "checkpoint.every-images=" + BATCH,
          "evaluation.at-images=[]",
          "evaluation.every-images=160",
          "evaluation.samples=16",
          "evaluation.grid-images=4",
          "log.tick-images=40",
          "threads=1");

  /** When a process is killed. */
  private enum Moment {
    /** At any time, most of all while it starts. */
    ANY,
    /** Some time after it has saved something. */
    TRAINING,
    /** While a checkpoint is half written. */
    SAVING,
    /** While an evaluation is under way. */
    EVALUATING
  }

  @TempDir Path temporary;

  @Test
  void shouldLearnAndScoreTheSameWhenItIsKilledThirtyTimes() throws Exception {
    Path whole = temporary.resolve("whole");
    Path killed = temporary.resolve("killed");
    Command reference = Command.start(train(whole));
    Random random = new Random(20260401);
    Map<Moment, Integer> kills = new EnumMap<>(Moment.class);
    int halfWritten = 0;
    int owed = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Moment moment =
          imagesSaved(killed) > IMAGES - LAST_IMAGES
              ? Moment.ANY
              : Moment.values()[kill % Moment.values().length];
      Command command = Command.start(train(killed));
      await(moment, killed, command, random);
      Command.Result result = command.kill();
      assertThat(result.exitCode()).as("kill %d, %s: %s", kill, moment, result).isEqualTo(128 + 9);
      kills.merge(moment, 1, Integer::sum);
      halfWritten += leftovers(killed.resolve("checkpoints")).isEmpty() ? 0 : 1;
      owed += names(killed.resolve("evaluations")).isEmpty() ? 0 : 1;
    }

    Command.Result last = Command.run(train(killed)).exitedWith(0);
    reference.await().exitedWith(0);

    assertThat(kills).as("kills by their moment").containsKeys(Moment.values());
    assertThat(halfWritten).as("kills that left a checkpoint half-written").isGreaterThan(3);
    assertThat(owed).as("kills that interrupted an evaluation").isGreaterThan(3);
    assertThat(last.out()).anyMatch(line -> line.startsWith("  goes on     from "));
    assertLearntTheSame(killed, whole);
    assertRecordedTheSame(killed, whole);
    assertNothingLeftOver(killed);
    System.err.printf(
        "KillTest: kills %s, %d left a checkpoint half-written, %d interrupted an evaluation%n",
        kills, halfWritten, owed);
  }

  private static String[] train(Path folder) {
    List<String> arguments = new ArrayList<>(List.of("train", "tiny"));
    arguments.addAll(SETTINGS);
    arguments.addAll(List.of("--run-dir", folder.toString(), "--resume"));
    return arguments.toArray(String[]::new);
  }

  private static void await(Moment moment, Path run, Command command, Random random)
      throws InterruptedException {
    Path checkpoints = run.resolve("checkpoints");
    switch (moment) {
      case ANY -> Thread.sleep(random.nextInt(3000));
      case TRAINING -> {
        awaitSaved(run, command, 1 + random.nextInt(3));
        Thread.sleep(random.nextInt(200));
      }
      case SAVING -> {
        awaitSaved(run, command, 1 + random.nextInt(3));
        spinUntil(() -> !leftovers(checkpoints).isEmpty(), command);
        spin(random.nextInt(4_000_000));
      }
      case EVALUATING -> {
        awaitSaved(run, command, 1);
        spinUntil(() -> !names(run.resolve("evaluations")).isEmpty(), command);
        Thread.sleep(random.nextInt(20));
      }
    }
  }

  private static void awaitSaved(Path run, Command command, int checkpoints) {
    long before = imagesSaved(run);
    spinUntil(() -> imagesSaved(run) >= before + (long) checkpoints * BATCH, command);
  }

  /** Looks every tenth of a millisecond: a small checkpoint is written in a few. */
  private static void spinUntil(BooleanSupplier condition, Command command) {
    while (command.isAlive() && !condition.getAsBoolean()) {
      spin(100_000);
    }
  }

  private static void spin(long nanos) {
    try {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long imagesSaved(Path run) {
    return names(run.resolve("checkpoints")).stream()
        .filter(name -> name.startsWith("images-"))
        .mapToLong(name -> Long.parseLong(name.substring("images-".length())))
        .max()
        .orElse(0);
  }

  private static List<String> leftovers(Path folder) {
    return names(folder).stream().filter(name -> name.contains(".tmp-")).toList();
  }

  private static List<String> names(Path folder) {
    String[] names = folder.toFile().list();
    return names == null ? List.of() : List.of(names);
  }

  /**
   * Parameters, averages, moments, clocks, settings: every file of every checkpoint that is kept.
   */
  private static void assertLearntTheSame(Path killed, Path whole) {
    List<Path> expected = RunFolder.open(whole).checkpoints();
    List<Path> actual = RunFolder.open(killed).checkpoints();
    assertThat(actual).hasSameSizeAs(expected).hasSize(2);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(Checkpoint.open(actual.get(i)).manifest())
          .usingRecursiveComparison()
          .ignoringFields("seconds")
          .isEqualTo(Checkpoint.open(expected.get(i)).manifest());
    }
  }

  private static void assertRecordedTheSame(Path killed, Path whole) throws IOException {
    assertThat(ScoreJson.read(killed.resolve("scores.jsonl")))
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
        .hasSize(2 * IMAGES / 160)
        .isEqualTo(ScoreJson.read(whole.resolve("scores.jsonl")));
    assertThat(contents(killed.resolve("samples"))).isEqualTo(contents(whole.resolve("samples")));
    List<Long> images = new ArrayList<>();
    List<Double> seconds = new ArrayList<>();
    for (String line : Files.readAllLines(killed.resolve("stats.jsonl"))) {
      JsonNode tick = JSON.readTree(line);
      images.add(tick.get("images").asLong());
      seconds.add(tick.get("seconds").asDouble());
    }
    assertThat(images).isSorted().doesNotHaveDuplicates().endsWith((long) IMAGES);
    assertThat(seconds).isSorted();
  }

  private static Map<String, String> contents(Path folder) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    for (String name : names(folder)) {
      contents.put(
          name,
          Files.readString(folder.resolve(name), java.nio.charset.StandardCharsets.ISO_8859_1));
    }
    return contents;
  }

  private static void assertNothingLeftOver(Path run) throws IOException {
    try (Stream<Path> all = Files.walk(run)) {
      assertThat(all.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.contains(".tmp-"));
    }
    assertThat(names(run.resolve("evaluations"))).isEmpty();
  }
}
