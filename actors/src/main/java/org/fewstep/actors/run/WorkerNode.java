package org.fewstep.actors.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.fewstep.protocol.NodeMessage;
import org.fewstep.protocol.NodeMessage.RunEnded;
import org.fewstep.protocol.NodeMessage.RunOffer;
import org.fewstep.protocol.bulk.BulkTransport;
import org.jspecify.annotations.Nullable;

/** A node that works for a run led elsewhere: it may come and go at any time. */
public final class WorkerNode {
  private final ActorSystem<NodeMessage> system;
  private final CompletableFuture<Outcome> finished = new CompletableFuture<>();

  /** What a node does for a run. */
  public enum Role {
    /** Computes gradients. */
    TRAINER,
    /** Reads units for the trainer of the same node. */
    LOADER,
    /** Makes parts of evaluations. */
    EVALUATOR;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * How a node is to work.
   *
   * @param name for people; no other node of the run has the same
   * @param owner who starts the node again under the same name once it has died; no two have the
   *     same
   * @param incarnation grows with each life of the node
   * @param codeVersion of the program
   * @param seeds core nodes of the run; one that answers is enough
   * @param endpoint to listen at; port 0 for any that is free
   * @param patience how long to look for the run
   */
  public record Settings(
      String name,
      String owner,
      long incarnation,
      Set<Role> roles,
      String codeVersion,
      List<Endpoint> seeds,
      Endpoint endpoint,
      Duration patience) {
    public Settings {
      roles = Set.copyOf(roles);
      seeds = List.copyOf(seeds);
    }

    /** The same settings with other roles. */
    public Settings withRoles(Set<Role> other) {
      return new Settings(name, owner, incarnation, other, codeVersion, seeds, endpoint, patience);
    }
  }

  /** Why a node's work is over. */
  public enum Reason {
    /** The run is over. */
    RUN_ENDED,
    /** The node was asked to stop, and what it had done is with the run. */
    DRAINED,
    /** The run's core does not answer any more; looking for it again may help. */
    LOST
  }

  /**
   * How a node's work ended.
   *
   * @param news of the run's end, if that is the reason
   */
  public record Outcome(Reason reason, @Nullable RunEnded news) {}

  /** Hears what a node does; called from its guardian's thread. */
  public interface Listener {
    /** The run is found, and what it needs is being prepared. */
    default void onFound(RunOffer run) {}

    /** The node has begun to work. */
    default void onWorking() {}
  }

  private WorkerNode(ActorSystem<NodeMessage> system, CompletableFuture<Outcome> outcome) {
    this.system = system;
    system
        .getWhenTerminated()
        .whenComplete(
            (done, failure) -> {
              outcome.complete(new Outcome(Reason.LOST, null)); // downed, for all that is known
              LocalRun.handOver(outcome, finished);
            });
  }

  /**
   * Looks for a run and works for it.
   *
   * @param prepare makes what the node works with; may block, and throw a {@link
   *     org.fewstep.config.UserException}
   * @param transport makes what carries tensors
   */
  public static WorkerNode start(
      Settings settings,
      Function<RunOffer, WorkParts> prepare,
      Listener listener,
      Config pekko,
      Function<ActorContext<?>, BulkTransport> transport) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    Config own =
        ConfigFactory.parseMap(
                Map.of(
                    "pekko.cluster.roles",
                    settings.roles().stream().map(Role::toString).toList(),
                    "pekko.cluster.seed-nodes",
                    settings.seeds().stream().map(ClusterSettings::address).toList()))
            .withFallback(ClusterSettings.at(settings.endpoint()));
    return new WorkerNode(
        ClusterSettings.listening(
            settings.endpoint(),
            () ->
                ActorSystem.create(
                    WorkerGuardian.create(settings, prepare, listener, transport, outcome),
                    ClusterSettings.SYSTEM,
                    LocalRun.configuration(pekko, own))),
        outcome);
  }

  /** Where it listens. */
  public Endpoint endpoint() {
    return ClusterSettings.endpoint(system);
  }

  /**
   * Ends when the node has left the run and all its threads are idle. Fails with the cause of the
   * failure, as it was thrown; with a {@link org.fewstep.config.UserException} when the user can
   * mend it.
   */
  public CompletionStage<Outcome> finished() {
    return finished;
  }

  /**
   * Asks the node to leave soon: it ends the unit under way, waits until the run has it, and goes.
   */
  public void stop() {
    system.tell(new WorkerGuardian.Drain());
  }
}
