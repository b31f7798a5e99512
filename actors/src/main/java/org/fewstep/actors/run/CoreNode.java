package org.fewstep.actors.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.fewstep.actors.coordinator.RunListener;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.management.RunManagement;
import org.fewstep.config.UserException;
import org.fewstep.protocol.bulk.BulkTransport;
import org.jspecify.annotations.Nullable;

/**
 * A run that leads a cluster: coordinator, parameter server and the pool of evaluators in this JVM,
 * which other nodes join and leave as they like.
 *
 * <p>There is one core node. A second one would start the coordinator as a cluster singleton of
 * role {@value #ROLE}; nodes find the run by the receptionist, so nothing else would change for
 * them.
 */
public final class CoreNode implements StartedRun {
  static final String ROLE = "core";

  private final ActorSystem<NodeGuardian.Command> system;
  private final CompletableFuture<RunSummary> finished = new CompletableFuture<>();
  private final @Nullable CompletionStage<String> management;

  private CoreNode(
      ActorSystem<NodeGuardian.Command> system,
      CompletableFuture<RunSummary> outcome,
      @Nullable CompletionStage<String> management) {
    this.system = system;
    this.management = management;
    system
        .getWhenTerminated()
        .whenComplete((done, failure) -> LocalRun.handOver(outcome, finished));
  }

  /**
   * Starts a run and lets nodes join it.
   *
   * @param settings {@code trainers} may be 0
   * @param listener is called from one thread at a time
   * @param endpoint to listen at; port 0 for any that is free
   * @param transport makes what carries tensors
   * @throws UserException if it cannot listen there
   */
  public static CoreNode start(
      RunSettings settings,
      TrainingFactory factory,
      RunListener listener,
      Config pekko,
      OpenRun open,
      Endpoint endpoint,
      Function<ActorContext<?>, BulkTransport> transport) {
    CompletableFuture<RunSummary> outcome = new CompletableFuture<>();
    Config own =
        ConfigFactory.parseMap(Map.of("pekko.cluster.roles", roles(settings)))
            .withFallback(ClusterSettings.at(endpoint));
    ActorSystem<NodeGuardian.Command> system =
        ClusterSettings.listening(
            endpoint,
            () ->
                ActorSystem.create(
                    NodeGuardian.create(settings, factory, listener, transport, open, outcome),
                    ClusterSettings.SYSTEM,
                    LocalRun.withManagement(
                        LocalRun.configuration(pekko, own), settings.management())));
    factory.folder().ifPresent(RunManagement.get(system)::folder);
    CompletionStage<String> management =
        settings.management().map(at -> LocalRun.open(at, system, listener)).orElse(null);
    Cluster cluster = Cluster.get(system);
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    return new CoreNode(system, outcome, management);
  }

  private static List<String> roles(RunSettings settings) {
    return settings.trainers() == 0
        ? List.of(ROLE)
        : List.of(ROLE, WorkerNode.Role.TRAINER.toString());
  }

  /**
   * Where its management port listens, such as {@code http://127.0.0.1:7626}, once it does; empty
   * if it has none or could not open it, which ends the run.
   */
  public Optional<String> management() {
    return management == null
        ? Optional.empty()
        : management
            .handle((address, failure) -> Optional.ofNullable(address))
            .toCompletableFuture()
            .join();
  }

  /** Where it listens. */
  public Endpoint endpoint() {
    return ClusterSettings.endpoint(system);
  }

  @Override
  public CompletionStage<RunSummary> finished() {
    return finished;
  }

  @Override
  public void stop() {
    system.tell(new NodeGuardian.Stop());
  }
}
