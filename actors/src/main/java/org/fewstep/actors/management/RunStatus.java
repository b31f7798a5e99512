package org.fewstep.actors.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.StatusReply;

/** Asks the run's coordinator, and adds what only this process sees. */
final class RunStatus {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROVIDER = "pekko.actor.provider";
  private static final String DATA_CENTER = "dc-"; // a role that Pekko adds
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
              addMembers(status.putArray("members"));
              watchDisk((ArrayNode) status.get("health").get("problems"));
              return status;
            });
  }

  /** The nodes of the cluster; none in a run within one process. */
  private void addMembers(ArrayNode members) {
    if (!system.settings().config().getString(PROVIDER).equals("cluster")) {
      return;
    }
    ClusterEvent.CurrentClusterState cluster = Cluster.get(system).state();
    for (Member member : cluster.getMembers()) {
      ObjectNode object = members.addObject();
      Address address = member.address();
      object.put(
          "node", "%s:%d".formatted(address.getHost().orElse("?"), address.getPort().orElse(0)));
      ArrayNode roles = object.putArray("roles");
      member.getRoles().stream()
          .filter(role -> !role.startsWith(DATA_CENTER))
          .sorted()
          .forEach(roles::add);
      object.put("status", member.status().toString().toLowerCase(Locale.ROOT));
      object.put("reachable", !cluster.getUnreachable().contains(member));
    }
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
