package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run led by one process, for which others come, work, die and leave, as README.md walks. */
class ClusterTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int BATCH = 16;
  private static final int UPDATES = 50;

  private static final List<String> SETTINGS =
      List.of(
          "tiny",
          "batch=" + BATCH,
          "exchange.unit-images=8",
          "threads=1",
          "network.attention-resolutions=[]",
          "data.path=builtin:fashion-mnist-test-2k",
          "checkpoint.every-images=0",
          "evaluation.at-images=[]",
          "evaluation.features=none",
          "evaluation.reference=none",
          "evaluation.held-out=none",
          "evaluation.steps=[1]",
          "evaluation.grid-images=1",
          "log.tick-images=" + BATCH);

  /** A dead process is given up sooner than on a real network. */
  private static final List<String> IMPATIENT =
      List.of(
          "pekko.cluster.failure-detector.acceptable-heartbeat-pause=4s",
          "pekko.cluster.split-brain-resolver.stable-after=3s",
          "pekko.cluster.gossip-interval=200ms");

  @TempDir Path temporary;

  private final List<Command> started = new ArrayList<>();

  @AfterEach
  void endWhatIsLeft() throws Exception {
    for (Command command : started) {
      command.kill();
    }
  }

  @Test
  void shouldLearnTheSameAsOneProcessWhenWorkersComeDieAndLeave() throws Exception {
    Path led = temporary.resolve("led");
    Command seed =
        start(
            line(
                "seed",
                SETTINGS,
                IMPATIENT,
                List.of("images=1000000", "management.port=0", "--port", "0"),
                run(led)));
    JsonNode listening = awaitEvent(seed, "listening", 1).get(0);
    String place = listening.get("join").asText();
    String port = listening.get("management").asText().replace("http://", "");
    Command first = worker(place, "first");
    Command second = worker(place, "second");
    awaitEvent(seed, "trainer_joined", 2);
    assertThatTheStatusShowsAllNodes(port);
    replaceTheSchedule(port);

    long process = awaitEvent(second, "started", 1).get(0).get("process").asLong();
    assertThat(ProcessHandle.of(process).orElseThrow().destroyForcibly()).isTrue();
    awaitEvent(seed, "trainer_left", 1);
    awaitEvent(seed, "trainer_joined", 3);
    assertThat(awaitEvent(second, "started", 2)).hasSize(2);

    Command third = worker(place, "third");
    Command.Result refused =
        Command.run("worker", "--join", place, "--data", "builtin:fashion-mnist-train-10k")
            .exitedWith(2);
    assertThat(refused.err())
        .singleElement()
        .asString()
        .startsWith("fewstep: the data set at builtin:fashion-mnist-train-10k is not the run's");
    awaitEvent(seed, "trainer_joined", 4);
    first.signal("TERM");
    first.await().exitedWith(130);
    assertThat(events(first, "left")).hasSize(1);
    awaitEvent(seed, "trainer_left", 2);
    int ticks = events(seed, "tick").size();
    awaitEvent(seed, "tick", Math.max(UPDATES, ticks + 1));

    Command.Result stop = Command.run("stop", "--at", place, "--json").exitedWith(0);
    Command.Result ended = seed.await().exitedWith(130);
    for (Command worker : List.of(second, third)) {
      worker.await().exitedWith(0);
      assertThat(events(worker, "end")).hasSize(1);
    }

    long images = json(stop.out().get(stop.out().size() - 1)).get("images").asLong();
    assertThat(images).isGreaterThanOrEqualTo((long) UPDATES * BATCH);
    assertThat(ended.err())
        .as("what people see: progress, the new schedule, a line for each that comes or goes")
        .allMatch(
            line ->
                line.contains(" images/s ")
                    || line.startsWith("trainer ")
                    || line.contains("version 2 of the evaluation schedule holds"));
    Path alone = temporary.resolve("alone");
    Command.run(line("train", SETTINGS, List.of("images=" + images), run(alone))).exitedWith(0);
    assertThat(TinyRun.newestCheckpoint(led).manifest().images()).isEqualTo(images);
    assertThat(TinyRun.learnt(led)).isEqualTo(TinyRun.learnt(alone));
  }

  private static void assertThatTheStatusShowsAllNodes(String port) throws Exception {
    JsonNode status =
        json(Command.run("status", "--at", port, "--json").exitedWith(0).out().get(0));
    assertThat(status.get("members")).hasSize(3);
    assertThat(status.get("members"))
        .allMatch(member -> member.get("status").asText().equals("up"))
        .allMatch(member -> member.get("reachable").asBoolean());
    assertThat(status.get("trainers")).hasSize(2);
    assertThat(status.get("trainers"))
        .allMatch(trainer -> trainer.get("device").asText().equals("cpu:0"));
  }

  private void replaceTheSchedule(String port) throws Exception {
    Path schedule = temporary.resolve("quick.json");
    Files.writeString(
        schedule,
        """
        {"entries": [{"name": "end", "at_end": true, "steps": [2], "metrics": ["grid"], "grid_images": 1}]}
        """);
    JsonNode answer =
        json(
            Command.run("schedule", "set", schedule.toString(), "--at", port, "--json")
                .exitedWith(0)
                .out()
                .get(0));
    assertThat(answer.findValue("version").asLong()).isEqualTo(2);
  }

  private Command worker(String place, String name) {
    return start(line("worker", List.of("--join", place, "--name", name, "--json"), IMPATIENT));
  }

  private Command start(String... arguments) {
    Command command = Command.start(arguments);
    started.add(command);
    return command;
  }

  private static List<String> run(Path folder) {
    return List.of("--run-dir", folder.toString(), "--json");
  }

  @SafeVarargs
  private static String[] line(String command, List<String>... parts) {
    return Stream.concat(Stream.of(command), Stream.of(parts).flatMap(List::stream))
        .toArray(String[]::new);
  }

  /** Waits until a command has said an event so often; ends early when the command does. */
  private static List<JsonNode> awaitEvent(Command command, String event, int times) {
    await()
        .atMost(PATIENCE)
        .until(() -> !command.isAlive() || events(command, event).size() >= times);
    List<JsonNode> events = events(command, event);
    assertThat(events).as("%s of %s", event, command.out()).hasSizeGreaterThanOrEqualTo(times);
    return events;
  }

  private static List<JsonNode> events(Command command, String event) {
    return command.out().stream()
        .filter(line -> line.endsWith("}")) // whole lines
        .map(ClusterTest::json)
        .filter(object -> object.get("event").asText().equals(event))
        .toList();
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
