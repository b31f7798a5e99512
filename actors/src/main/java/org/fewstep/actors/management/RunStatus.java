package org.fewstep.actors.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.StatusReply;

/** Asks the run's coordinator, and adds what only this process sees. */
final class RunStatus {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LEAST_FREE_BYTES = 1L << 30;

  private final ActorSystem<?> system;
  private final RunManagement management;

  RunStatus(ActorSystem<?> system) {
    this.system = system;
    this.management = RunManagement.get(system);
  }

  /** The run does not answer, or not yet. */
  static final class NoAnswerException extends Exception {
    private static final long serialVersionUID = 1;

    NoAnswerException(String message) {
      super(message);
    }
  }

  <T> CompletionStage<T> ask(
      Function<ActorRef<T>, CoordinatorMessage> question, Duration patience) {
    Optional<ActorRef<CoordinatorMessage>> coordinator = management.coordinator();
    if (coordinator.isEmpty()) {
      return CompletableFuture.failedFuture(
          new NoAnswerException("the run is starting: its parameters are not there yet"));
    }
    return AskPattern.ask(coordinator.get(), question::apply, patience, system.scheduler());
  }

  /** The status, its health completed by the state of the disk. */
  CompletionStage<ObjectNode> status(Duration patience) {
    return this.<StatusReply>ask(CoordinatorMessage.GetStatus::new, patience)
        .thenApply(
            reply -> {
              ObjectNode status = parse(((StatusReply.Status) reply).json());
              watchDisk((ArrayNode) status.get("health").get("problems"));
              return status;
            });
  }

  private static ObjectNode parse(String json) {
    try {
      return (ObjectNode) JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the coordinator sent no status: " + json, e);
    }
  }

  private void watchDisk(ArrayNode problems) {
    management
        .folder()
        .ifPresent(
            folder -> {
              try {
                long free = Files.getFileStore(folder).getUsableSpace();
                if (free < LEAST_FREE_BYTES) {
                  problem(problems, folder, "nearly full: %d MiB left".formatted(free >> 20));
                }
              } catch (IOException e) {
                problem(problems, folder, "cannot be looked at: " + e.getMessage());
              }
            });
  }

  private static void problem(ArrayNode problems, Path folder, String reason) {
    problems
        .addObject()
        .put("check", "disk")
        .put("subject", folder.toString())
        .put("reason", reason);
  }
}
