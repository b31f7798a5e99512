package org.fewstep.actors.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.management.ManagementPort;
import org.fewstep.config.ManagementConfig;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** The routes of one run that goes on until it is told to stop, over real HTTP. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ManagementTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int UPDATES = 1_000_000;
  private static final String QUICK =
      "{\"entries\": [{\"name\": \"quick\", \"steps\": [1, 2], \"tracks\": [\"half\"]}]}";

  private final HttpClient client = HttpClient.newHttpClient();
  private final CompletableFuture<String> address = new CompletableFuture<>();
  private final CountDownLatch scored = new CountDownLatch(1);
  private final RecordingListener listener =
      new RecordingListener() {
        @Override
        public void onProgress(org.fewstep.actors.coordinator.RunProgress now) {}

        @Override
        public void onManagement(String where) {
          address.complete(where);
        }

        @Override
        public void onTrackEvaluated(long version, long images, String track) {
          scored.countDown();
        }
      };
  private LocalRun run;

  @BeforeAll
  void start() throws Exception {
    FakeTraining training =
        new FakeTraining((learner, unit, gradient) -> rest()) {
          @Override
          public Optional<Path> folder() {
            return Optional.of(Path.of("target"));
          }
        };
    run =
        LocalRun.start(
            FakeTraining.settings(2, UPDATES)
                .withManagement(Optional.of(new ManagementConfig.Endpoint("127.0.0.1", 0))),
            training,
            listener,
            ConfigFactory.empty());
    address.get(30, TimeUnit.SECONDS);
    while (get("/training/status").statusCode() == 503) {
      rest();
    }
  }

  /** So that a test that takes a while finds the run still under way. */
  private static void rest() {
    try {
      Thread.sleep(2);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterAll
  void stop() {
    run.stop();
  }

  @Test
  @Order(1)
  void shouldShowAndReplaceTheScheduleByCompareAndSet() throws Exception {
    HttpResponse<String> first = get("/evaluation/schedule");
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.headers().firstValue("ETag")).contains("\"1\"");
    assertThat(json(first).path("entries").path(0).path("name").asText()).isEqualTo("half");

    HttpResponse<String> replaced = put("?running=cancel", "\"1\"", QUICK);
    assertThat(replaced.statusCode()).as(replaced.body()).isEqualTo(200);
    assertThat(json(replaced).path("version").asInt()).isEqualTo(2);
    assertThat(json(get("/evaluation/schedule"))).isEqualTo(json(replaced));

    HttpResponse<String> conflict = put("", "\"1\"", QUICK);
    assertThat(conflict.statusCode()).isEqualTo(409);
    assertThat(json(conflict).path("current")).isEqualTo(json(replaced));
    assertThat(put("?expected_version=1", null, QUICK).statusCode()).isEqualTo(409);
    assertThat(put("", null, replaced.body()).statusCode()).as("its own version").isEqualTo(200);
  }

  @Test
  @Order(2)
  void shouldKeepTheScheduleWithOneSentenceWhenAnotherIsInvalid() throws Exception {
    JsonNode before = json(get("/evaluation/schedule"));

    assertThat(refusal(put("", null, "{"))).startsWith("schedule:1 cannot be read");
    assertThat(refusal(put("", null, QUICK))).startsWith("say which version");
    assertThat(refusal(put("", "\"3\"", QUICK.replace("[1, 2]", "[0]"))))
        .startsWith("entries[quick].steps (schedule:1) must list values");
    assertThat(refusal(put("", "\"3\"", QUICK.replace("half", "fast"))))
        .startsWith("entries[quick].tracks must name EMA tracks of the run (half)");
    assertThat(refusal(put("?running=stop", "\"3\"", QUICK)))
        .isEqualTo("running must be finish or cancel, but is \"stop\"");
    assertThat(refusal(post("/evaluation/schedule/run-now?entry=slow")))
        .isEqualTo("the evaluation schedule has no entry 'slow'; it has quick");
    assertThat(refusal(post("/evaluation/schedule/run-now?entries=quick")))
        .isEqualTo("there is no parameter entries; known are entry");
    assertThat(refusal(put("?runing=cancel", "\"3\"", QUICK)))
        .isEqualTo("there is no parameter runing; known are expected_version, running");
    assertThat(refusal(put("", "\"3\"", "{\"entries\": " + "[".repeat(100_000))))
        .startsWith("schedule ");
    assertThat(
            refusal(
                put("", "\"3\"", QUICK.replace("\"steps", "\"grid_images\": 3000000, \"steps"))))
        .startsWith("entries[quick].grid_images (schedule:1) must be between 1 and 10000");
    assertThat(refusal(put("", "\"3\"", " ".repeat(2_000_000) + QUICK)))
        .isEqualTo("the body must be a schedule as JSON, of at most 1 MiB");
    assertThat(refusal(put("", "\"3\"", ""))).startsWith("schedule");
    for (String route :
        new String[] {"/evaluation/schedule/run-now?entry=quick", "/training/statu"}) {
      HttpResponse<String> nowhere = get(route);
      assertThat(nowhere.statusCode()).as(route).isEqualTo(404);
      assertThat(json(nowhere).path("error").asText()).startsWith("there is no GET /");
    }

    assertThat(json(get("/evaluation/schedule"))).isEqualTo(before);
  }

  @Test
  @Order(3)
  void shouldPauseEvaluateNowAndResume() throws Exception {
    long version = json(get("/evaluation/schedule")).path("version").asLong();
    JsonNode paused = json(post("/evaluation/schedule/pause"));
    assertThat(paused.path("paused").asBoolean()).isTrue();
    assertThat(paused.path("version").asLong()).isEqualTo(version + 1);
    assertThat(json(post("/evaluation/schedule/pause"))).as("once is enough").isEqualTo(paused);

    HttpResponse<String> ordered = post("/evaluation/schedule/run-now?entry=quick");
    assertThat(ordered.statusCode()).isEqualTo(202);
    assertThat(json(ordered).path("version").asLong()).isPositive();
    assertThat(scored.await(30, TimeUnit.SECONDS)).isTrue();

    JsonNode resumed = json(post("/evaluation/schedule/resume"));
    assertThat(resumed.path("paused").asBoolean()).isFalse();
    assertThat(listener.schedules.get(listener.schedules.size() - 1).version())
        .isEqualTo(resumed.path("version").asLong());
    assertThat(listener.scores)
        .extracting(score -> score.version())
        .containsOnly(json(ordered).path("version").asLong());
  }

  @Test
  @Order(4)
  void shouldTellHowTheRunIs() throws Exception {
    JsonNode status = json(get("/training/status"));

    assertThat(status.path("phase").asText()).isEqualTo("training");
    assertThat(status.path("images").asLong())
        .isEqualTo(FakeTraining.BATCH_IMAGES * status.path("version").asLong())
        .isPositive();
    assertThat(status.path("images_per_s").asDouble()).isPositive();
    assertThat(status.path("loss").asDouble()).isPositive();
    assertThat(status.path("trainers")).hasSize(2);
    assertThat(status.path("trainers").path(0).path("trainer").asText()).isEqualTo("trainer-1");
    assertThat(status.path("trainers").path(0).path("node").asText()).isEqualTo("local");
    assertThat(status.path("trainers").path(0).path("staleness").asLong()).isZero();
    assertThat(status.path("trainers").path(0).path("steps").asLong()).isPositive();
    assertThat(status.path("scores"))
        .extracting(score -> score.path("steps").asInt())
        .containsExactly(1, 2);
    assertThat(status.path("schedule").path("version").asLong()).isGreaterThan(1);
  }

  @Test
  @Order(4)
  void shouldTellThatItIsReadyAliveAndWell() throws Exception {
    HttpResponse<String> health = get("/training/health");

    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(json(health).path("ready").asBoolean()).isTrue();
    assertThat(json(health).path("alive").asBoolean()).isTrue();
    assertThat(get("/ready").statusCode()).isEqualTo(200);
    assertThat(get("/alive").statusCode()).isEqualTo(200);
    assertThat(get("/cluster/members").statusCode()).as("no cluster").isEqualTo(404);
  }

  @Test
  @Order(4)
  void shouldCountForPrometheus() throws Exception {
    HttpResponse<String> metrics = get("/metrics");

    assertThat(metrics.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(metrics.body())
        .contains(
            "# TYPE trainer_steps_total counter",
            "trainer_steps_total{trainer=\"trainer-1\"}",
            "trainer_images_total{trainer=\"trainer-2\"}",
            "trainer_step_seconds_bucket{trainer=\"trainer-1\",le=",
            "server_push_total{result=\"accepted\"}",
            "server_staleness_bucket{le=\"0.0\"}",
            "score{metric=\"FD[fake]\",sampler=\"pushforward\",steps=\"1\",track=\"half\"}",
            "jvm_memory_used_bytes");
    assertThat(metrics.body()).containsPattern("(?m)^server_version [1-9]");
  }

  @Test
  @Order(4)
  void shouldSayInOneSentenceThatThePortIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> ManagementPort.check("127.0.0.1", port))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("cannot listen at 127.0.0.1:" + port);

      LocalRun refused =
          LocalRun.start(
              FakeTraining.settings(1, UPDATES)
                  .withManagement(Optional.of(new ManagementConfig.Endpoint("127.0.0.1", port))),
              new FakeTraining(),
              new RecordingListener(),
              ConfigFactory.empty());

      assertThatThrownBy(() -> refused.finished().toCompletableFuture().get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(UserException.class)
          .hasMessageContaining("cannot listen at 127.0.0.1:" + port);
    }
  }

  @Test
  @Order(5)
  void shouldEndAfterACheckpointWhenItIsToldToStop() throws Exception {
    assertThat(post("/training/stop").statusCode()).isEqualTo(202);

    RunSummary summary = run.finished().toCompletableFuture().get(30, TimeUnit.SECONDS);
    assertThat(summary.stopped()).isTrue();
    assertThat(listener.checkpoints)
        .containsExactly(Path.of("checkpoints", Long.toString(summary.version())));
  }

  private static String refusal(HttpResponse<String> response) throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    return json(response).path("error").asText();
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).GET().build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path) throws Exception {
    return client.send(
        request(path).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> put(String query, String ifMatch, String body) throws Exception {
    HttpRequest.Builder request = request("/evaluation/schedule" + query);
    if (ifMatch != null) {
      request.header("If-Match", ifMatch);
    }
    return client.send(request.PUT(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address.join() + path));
  }
}
