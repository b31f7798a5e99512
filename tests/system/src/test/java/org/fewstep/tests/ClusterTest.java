package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cluster that README.md walks through, with more mishaps. */
class ClusterTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int BATCH = 16;
  private static final int UPDATES = 50;
  private static final int REPLACEMENTS = 50;

  /** The quickstart, so small that it is no work. */
  private static final List<String> SMALL =
      List.of(
          "batch=" + BATCH,
          "images=1000000",
          "exchange.unit-images=8",
          "network.channels=8",
          "network.channel-mult=[1]",
          "network.attention-resolutions=[]",
          "data.path=builtin:fashion-mnist-test-2k",
          "checkpoint.every-images=0",
          "evaluation.at-images=[]",
          "optimizer.warmup-images=64",
          "optimizer.decay-images=0",
          "log.tick-images=" + BATCH);

  /** A dead process is given up sooner than on a real network. */
  private static final List<String> IMPATIENT =
      List.of(
          "pekko.cluster.failure-detector.acceptable-heartbeat-pause=4s",
          "pekko.cluster.split-brain-resolver.stable-after=3s",
          "pekko.cluster.gossip-interval=200ms");

  @TempDir Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = freePort();
  private final int management = freePort();

  /**
   * Types README's lines; before the last one also kills a device's process, offers a worker with
   * other data, and replaces the schedule again and again.
   */
  @Test
  void shouldLearnTheSameAsOneProcessWhenReadmesClusterIsWalkedWithMoreMishaps() throws Exception {
    List<String> walk = walk();
    int stop =
        walk.indexOf(
            walk.stream().filter(l -> l.startsWith("./fewstep stop")).findFirst().orElseThrow());
    try (Terminal terminal = Terminal.open(folder, launcher())) {
      terminal.type(walk.subList(0, 1));
      terminal.type(List.of("seed=$!"));
      terminal.type(walk.subList(1, stop));
      terminal.type(List.of("three=$(jobs -p | tail -1)", "echo walked"));
      terminal.awaitLines(1, "walked");
      assertThatTheScreenShowsTheWalk(terminal.screen());
      terminal.awaitLines(1, "trainer three-0 joined .*");
      terminal.awaitLines(1, "evaluator three-0 joined");
      terminal.awaitLines(1, "trainer two-0 left .*");

      assertThat(terminal.process("one-0").destroyForcibly()).isTrue();
      terminal.awaitLines(
          1, "fewstep: the process of device 0 ended \\(exit code 137\\) and starts again");
      Command.Result refused =
          Command.run(
                  "worker",
                  "--join",
                  "127.0.0.1:" + port,
                  "--data",
                  "builtin:fashion-mnist-train-10k")
              .exitedWith(2);
      assertThat(refused.err())
          .singleElement()
          .asString()
          .startsWith("fewstep: the data set at builtin:fashion-mnist-train-10k is not the run's");
      List<Integer> ordered = replaceTheScheduleAgainAndAgain();
      terminal.awaitLines(2, "trainer one-0 joined .*");
      await().atMost(PATIENCE).until(() -> images() >= (long) UPDATES * BATCH);
      await().atMost(PATIENCE).until(() -> samplesOfScores().size() >= ordered.size());

      terminal.type(List.of("kill -TERM $three", "wait $three", "echo three ended with $?"));
      terminal.awaitLines(1, "three ended with 130");
      terminal.type(walk.subList(stop, walk.size()));
      terminal.type(List.of("wait $seed", "echo seed ended with $?"));
      terminal.awaitLines(1, "seed ended with 130");
      terminal.exit();

      List<String> screen = terminal.screen();
      assertThat(screen).contains("Left the run.");
      assertThat(screen)
          .filteredOn(line -> line.startsWith("The run was stopped after"))
          .hasSize(1);
      assertThat(screen).noneMatch(line -> line.matches(".*(Exception|ERROR|WARN|SLF4J|Errno).*"));
      assertThat(samplesOfScores()).containsExactlyInAnyOrderElementsOf(ordered);
    }
    assertThatOneProcessLearnsTheSame();
  }

  private void assertThatTheScreenShowsTheWalk(List<String> screen) {
    assertThat(screen)
        .contains("  join by     ./fewstep worker --join 127.0.0.1:" + port)
        .contains("Joined quickstart as two-0.")
        .contains("schedule version 2")
        .anyMatch(line -> line.matches(" +127.0.0.1:%d +up +core".formatted(port)))
        .anyMatch(line -> line.matches(" +127.0.0.1:[0-9]+ +up +loader, trainer"))
        .anyMatch(line -> line.matches(" +one-0 +127.0.0.1:[0-9]+ +cpu:0 .*"))
        .anyMatch(line -> line.matches(" +two-0 +127.0.0.1:[0-9]+ +cpu:0 .*"));
  }

  /** The shell lines of README's part about clusters, with this test's port. */
  private List<String> walk() throws IOException {
    String readme = Files.readString(home().resolve("README.md"));
    String part = readme.substring(readme.indexOf("## A cluster"));
    String fence = "```sh\n";
    int first = part.indexOf(fence) + fence.length();
    String lines = part.substring(first, part.indexOf("```", first));
    return lines.replace("127.0.0.1:7625", "127.0.0.1:" + port).lines().toList();
  }

  private static Path home() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("README.md"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** {@code ./fewstep} as README has it, but small, quick, and elsewhere. */
  private String launcher() {
    return """
        #!/bin/sh
        case $1 in
          seed) set -- "$@" --port %d management.port=%d %s %s ;;
          worker) set -- "$@" %s ;;
          status|schedule) set -- "$@" --at 127.0.0.1:%d ;;
          stop) set -- "$@" --at 127.0.0.1:%d ;;
        esac
        exec '%s' "$@"
        """
        .formatted(
            port,
            management,
            String.join(" ", SMALL),
            String.join(" ", IMPATIENT),
            String.join(" ", IMPATIENT),
            management,
            port,
            String.join("' '", CommandLine.of(List.of())));
  }

  /**
   * EVAL-1: replaces the schedule 50 times, 15 of them in vain, and orders an evaluation by each
   * that holds; the number of its samples tells which.
   */
  private List<Integer> replaceTheScheduleAgainAndAgain() throws Exception {
    List<Integer> ordered = new ArrayList<>();
    Random random = new Random(4);
    long version = schedule().get("version").asLong();
    for (int i = 0; i < REPLACEMENTS; i++) {
      int samples = 2 + i;
      boolean invalid = i % 10 >= 7;
      long expected = i % 10 == 8 ? version + 1 : i % 10 == 9 ? version - 1 : version;
      String body =
          """
          {"entries": [{"name": "r%d", "steps": [%d], "metrics": ["frechet"], "samples": %d}]}
          """
              .formatted(i, i % 10 == 7 ? 0 : 1, samples);
      HttpResponse<String> answer =
          send(
              request("/evaluation/schedule")
                  .header("If-Match", "\"" + expected + "\"")
                  .PUT(BodyPublishers.ofString(body)));
      if (invalid) {
        assertThat(answer.statusCode()).as(answer.body()).isIn(400, 409);
        assertThat(schedule().get("version").asLong()).isEqualTo(version);
        continue;
      }
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      version++;
      if (random.nextInt(3) == 0) {
        HttpResponse<String> now =
            send(request("/evaluation/schedule/run-now").POST(BodyPublishers.noBody()));
        assertThat(now.statusCode()).as(now.body()).isEqualTo(202);
        ordered.add(samples);
      }
    }
    assertThat(ordered).hasSizeGreaterThan(5);
    return ordered;
  }

  /** Of the evaluations that this test orders: README's has more. */
  private List<Integer> samplesOfScores() throws IOException {
    Path scores = run().resolve("scores.jsonl");
    return !Files.exists(scores)
        ? List.of()
        : Files.readAllLines(scores).stream()
            .map(line -> json(line).get("samples").asInt())
            .filter(samples -> samples < 2 + REPLACEMENTS)
            .toList();
  }

  private void assertThatOneProcessLearnsTheSame() {
    long images = TinyRun.newestCheckpoint(run()).manifest().images();
    assertThat(images).isGreaterThanOrEqualTo((long) UPDATES * BATCH);
    Path alone = folder.resolve("alone");
    Command.run(
            Stream.of(
                    Stream.of("train", "quickstart"),
                    SMALL.stream(),
                    Stream.of(
                        "images=" + images,
                        "evaluation.features=none",
                        "evaluation.reference=none",
                        "evaluation.held-out=none",
                        "evaluation.steps=[1]",
                        "evaluation.grid-images=1",
                        "--run-dir",
                        alone.toString()))
                .flatMap(part -> part)
                .toArray(String[]::new))
        .exitedWith(0);
    assertThat(TinyRun.learnt(run())).isEqualTo(TinyRun.learnt(alone));
  }

  private Path run() {
    return folder.resolve("runs/walk");
  }

  private long images() throws Exception {
    return status().get("images").asLong();
  }

  private JsonNode status() throws Exception {
    return json(send(request("/training/status").GET()).body());
  }

  private JsonNode schedule() throws Exception {
    return json(send(request("/evaluation/schedule").GET()).body());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Below those that the system gives to whoever asks for any. */
  private static int freePort() {
    Random random = new Random();
    while (true) {
      int port = 20_000 + random.nextInt(10_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // taken
      }
    }
  }
}
