package org.fewstep.actors.management;

import static org.apache.pekko.http.javadsl.server.Directives.complete;
import static org.apache.pekko.http.javadsl.server.Directives.concat;
import static org.apache.pekko.http.javadsl.server.Directives.entity;
import static org.apache.pekko.http.javadsl.server.Directives.extractRequest;
import static org.apache.pekko.http.javadsl.server.Directives.get;
import static org.apache.pekko.http.javadsl.server.Directives.onComplete;
import static org.apache.pekko.http.javadsl.server.Directives.optionalHeaderValueByName;
import static org.apache.pekko.http.javadsl.server.Directives.parameterMultiMap;
import static org.apache.pekko.http.javadsl.server.Directives.path;
import static org.apache.pekko.http.javadsl.server.Directives.pathEnd;
import static org.apache.pekko.http.javadsl.server.Directives.pathPrefix;
import static org.apache.pekko.http.javadsl.server.Directives.post;
import static org.apache.pekko.http.javadsl.server.Directives.put;
import static org.apache.pekko.http.javadsl.server.Directives.withSizeLimit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.http.javadsl.unmarshalling.Unmarshaller;
import org.apache.pekko.management.javadsl.ManagementRouteProvider;
import org.apache.pekko.management.javadsl.ManagementRouteProviderSettings;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.fewstep.config.ScheduleDocument;
import org.fewstep.config.UserException;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.ScheduleReply;
import scala.util.Try;

/**
 * The run's own routes on the management port: status, health, metrics, the evaluation schedule,
 * the end. Named in the configuration. Whatever is refused says why in {@code {"error": ...}}.
 */
public final class ManagementRoutes implements ManagementRouteProvider {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String IF_MATCH = "If-Match";
  private static final long MOST_BYTES = 1 << 20;

  private final ActorSystem<?> system;
  private final RunStatus status;

  public ManagementRoutes(ExtendedActorSystem system) {
    this.system = Adapter.toTyped(system);
    this.status = new RunStatus(this.system);
  }

  @Override
  public Route routes(ManagementRouteProviderSettings settings) {
    return concat(
        path("metrics", () -> get(this::metrics)),
        pathPrefix(
            "training",
            () ->
                concat(
                    path("status", () -> get(this::status)),
                    path("health", () -> get(this::health)),
                    path("stop", () -> post(this::stop)),
                    unknown())),
        pathPrefix(
            "evaluation",
            () ->
                concat(
                    pathPrefix(
                        "schedule",
                        () ->
                            concat(
                                path("pause", () -> post(() -> pause(true))),
                                path("resume", () -> post(() -> pause(false))),
                                path("run-now", () -> post(this::runNow)),
                                pathEnd(
                                    () ->
                                        concat(
                                            get(
                                                () ->
                                                    schedule(CoordinatorMessage.GetSchedule::new)),
                                            put(this::replace))))),
                    unknown())));
  }

  /** Pekko's other routes have other prefixes. */
  private static Route unknown() {
    return extractRequest(
        request ->
            complete(
                error(
                    404,
                    "there is no %s %s; see docs/management.md"
                        .formatted(request.method().name(), request.getUri().path()))));
  }

  private Route metrics() {
    return complete(
        HttpResponse.create()
            .withEntity(
                HttpEntities.create(
                    ContentTypes.parse("text/plain; version=0.0.4; charset=utf-8"),
                    RunManagement.get(system).metrics().text().getBytes(StandardCharsets.UTF_8))));
  }

  private Route status() {
    return answer(status.status(PATIENCE), now -> json(200, now));
  }

  private Route health() {
    return answer(
        status.status(PATIENCE),
        now -> {
          ObjectNode health = (ObjectNode) now.get("health");
          boolean well = health.get("ready").asBoolean() && health.get("alive").asBoolean();
          return json(well ? 200 : 503, health);
        });
  }

  private Route stop() {
    Optional<ActorRef<CoordinatorMessage>> coordinator = RunManagement.get(system).coordinator();
    if (coordinator.isEmpty()) {
      return complete(error(503, "the run is starting: its parameters are not there yet"));
    }
    // Told once the answer is on its way: with the run the port closes.
    ByteString answer =
        ByteString.fromString(JSON.createObjectNode().put("stopping", true).toString());
    Source<ByteString, ?> last =
        Source.single(answer)
            .watchTermination(
                (nothing, done) ->
                    done.whenComplete(
                        (sent, failure) ->
                            coordinator.get().tell(new CoordinatorMessage.StopRun())));
    return complete(
        HttpResponse.create()
            .withStatus(202)
            .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, answer.size(), last)));
  }

  private Route pause(boolean paused) {
    return schedule(replyTo -> new CoordinatorMessage.PauseSchedule(paused, replyTo));
  }

  private Route runNow() {
    return parameterMultiMap(
        parameters -> {
          try {
            checkKnown(parameters, "entry");
          } catch (UserException e) {
            return complete(error(400, String.valueOf(e.getMessage())));
          }
          return schedule(
              replyTo ->
                  new CoordinatorMessage.EvaluateNow(
                      parameters.getOrDefault("entry", List.of()), replyTo));
        });
  }

  private Route replace() {
    return optionalHeaderValueByName(
        IF_MATCH,
        match ->
            parameterMultiMap(
                parameters ->
                    concat(
                        withSizeLimit(
                            MOST_BYTES,
                            () ->
                                entity(
                                    Unmarshaller.entityToString(),
                                    text -> replace(text, match, parameters))),
                        complete(
                            error(400, "the body must be a schedule as JSON, of at most 1 MiB")))));
  }

  private Route replace(String text, Optional<String> match, Map<String, List<String>> parameters) {
    try {
      checkKnown(parameters, "expected_version", "running");
      ScheduleDocument document = ScheduleDocument.parse(text, "schedule");
      EvaluationSchedule schedule = ScheduleJson.of(document);
      long expected = expected(match, parameters, document);
      boolean cancel = cancels(parameters);
      return schedule(
          replyTo -> new CoordinatorMessage.ReplaceSchedule(expected, schedule, cancel, replyTo));
    } catch (UserException e) {
      return complete(error(400, String.valueOf(e.getMessage())));
    }
  }

  private static void checkKnown(Map<String, List<String>> parameters, String... known) {
    for (String parameter : parameters.keySet()) {
      if (!List.of(known).contains(parameter)) {
        throw new UserException(
            "there is no parameter %s; known are %s"
                .formatted(parameter, String.join(", ", known)));
      }
    }
  }

  private static long expected(
      Optional<String> match, Map<String, List<String>> parameters, ScheduleDocument document) {
    List<String> parameter = parameters.getOrDefault("expected_version", List.of());
    Optional<String> given = match.or(() -> parameter.stream().findFirst());
    if (given.isEmpty()) {
      return document
          .version()
          .orElseThrow(
              () ->
                  new UserException(
                      "say which version this schedule replaces: If-Match: \"N\","
                          + " ?expected_version=N, or \"version\": N in it"));
    }
    try {
      return Long.parseLong(given.get().replace("\"", "").strip());
    } catch (NumberFormatException e) {
      throw new UserException(
          "the expected version must be a whole number, but is %s".formatted(given.get()), e);
    }
  }

  private static boolean cancels(Map<String, List<String>> parameters) {
    String running = parameters.getOrDefault("running", List.of("finish")).get(0);
    return switch (running) {
      case "finish" -> false;
      case "cancel" -> true;
      default ->
          throw new UserException(
              "running must be finish or cancel, but is \"%s\"".formatted(running));
    };
  }

  private Route schedule(Function<ActorRef<ScheduleReply>, CoordinatorMessage> question) {
    return answer(status.ask(question, PATIENCE), ManagementRoutes::response);
  }

  private static HttpResponse response(ScheduleReply reply) {
    if (reply instanceof ScheduleReply.Current current) {
      return tagged(200, current.schedule());
    }
    if (reply instanceof ScheduleReply.Replaced replaced) {
      return tagged(200, replaced.schedule());
    }
    if (reply instanceof ScheduleReply.Conflict conflict) {
      ObjectNode body = JSON.createObjectNode();
      body.put(
          "error",
          "the schedule has version %d by now; read it and try again"
              .formatted(conflict.current().version()));
      body.set("current", ScheduleJson.tree(conflict.current()));
      return json(409, body);
    }
    if (reply instanceof ScheduleReply.Ordered ordered) {
      return json(
          202,
          JSON.createObjectNode()
              .put("version", ordered.version())
              .put("images", ordered.images()));
    }
    return error(400, ((ScheduleReply.Refused) reply).reason());
  }

  private static HttpResponse tagged(int code, EvaluationSchedule schedule) {
    return json(code, ScheduleJson.tree(schedule))
        .addHeader(RawHeader.create("ETag", "\"" + schedule.version() + "\""));
  }

  private static <T> Route answer(CompletionStage<T> stage, Function<T, HttpResponse> response) {
    return onComplete(stage, result -> complete(response(result, response)));
  }

  private static <T> HttpResponse response(Try<T> result, Function<T, HttpResponse> response) {
    if (result.isSuccess()) {
      return response.apply(result.get());
    }
    Throwable failure = result.failed().get();
    return error(
        503,
        failure instanceof RunStatus.NoAnswerException
            ? String.valueOf(failure.getMessage())
            : "the run does not answer");
  }

  private static HttpResponse error(int code, String sentence) {
    return json(code, JSON.createObjectNode().put("error", sentence));
  }

  private static HttpResponse json(int code, ObjectNode body) {
    return HttpResponse.create()
        .withStatus(code)
        .withEntity(ContentTypes.APPLICATION_JSON, body.toString() + "\n");
  }
}
