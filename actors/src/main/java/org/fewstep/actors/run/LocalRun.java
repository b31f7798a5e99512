package org.fewstep.actors.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.fewstep.actors.Failures;
import org.fewstep.actors.coordinator.RunListener;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.management.ManagementPort;
import org.fewstep.actors.management.RunManagement;
import org.fewstep.config.ManagementConfig;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.bulk.LocalBulkTransport;

/**
 * A run on one machine: coordinator, data loader, trainers, parameter server and evaluator in this
 * JVM, without a port.
 */
public final class LocalRun implements StartedRun {
  private final ActorSystem<NodeGuardian.Command> system;
  private final CompletableFuture<RunSummary> finished;

  private LocalRun(
      ActorSystem<NodeGuardian.Command> system, CompletableFuture<RunSummary> finished) {
    this.system = system;
    this.finished = finished;
  }

  /**
   * Starts a run.
   *
   * @param listener is called from one thread at a time
   * @param pekko the user's settings for Pekko, as they stand below the key {@code pekko}
   */
  public static LocalRun start(
      RunSettings settings, TrainingFactory factory, RunListener listener, Config pekko) {
    CompletableFuture<RunSummary> outcome = new CompletableFuture<>();
    ActorSystem<NodeGuardian.Command> system =
        ActorSystem.create(
            NodeGuardian.create(
                settings, factory, listener, context -> new LocalBulkTransport(), null, outcome),
            "fewstep",
            withManagement(configuration(pekko), settings.management()));
    factory.folder().ifPresent(RunManagement.get(system)::folder);
    settings.management().ifPresent(port -> open(port, system, listener));
    CompletableFuture<RunSummary> finished = new CompletableFuture<>();
    system.getWhenTerminated().whenComplete((done, failure) -> handOver(outcome, finished));
    return new LocalRun(system, finished);
  }

  /** Opens the management port and tells where it is; a run that cannot ends. */
  static CompletionStage<String> open(
      ManagementConfig.Endpoint at,
      ActorSystem<NodeGuardian.Command> system,
      RunListener listener) {
    return ManagementPort.open(system, at.host(), at.port())
        .whenComplete(
            (address, failure) -> {
              if (failure == null) {
                listener.onManagement(address);
              } else {
                system.tell(new NodeGuardian.Fail(Failures.asException(failure)));
              }
            });
  }

  static Config withManagement(Config config, Optional<ManagementConfig.Endpoint> at) {
    return at.map(
            endpoint ->
                ConfigFactory.parseMap(
                        Map.of(
                            "pekko.management.http.hostname", endpoint.host(),
                            "pekko.management.http.bind-hostname", endpoint.host(),
                            "pekko.management.http.port", endpoint.port(),
                            "pekko.management.http.bind-port", endpoint.port()))
                    .withFallback(config))
        .orElse(config);
  }

  /** Gives an outcome on once the actor system has ended. */
  static <T> void handOver(CompletableFuture<T> outcome, CompletableFuture<T> finished) {
    outcome.completeExceptionally(
        new IllegalStateException("the actor system ended before the run did"));
    try {
      finished.complete(outcome.join());
    } catch (CompletionException e) {
      finished.completeExceptionally(e.getCause() == null ? e : e.getCause());
    }
  }

  static Config configuration(Config pekko) {
    return configuration(pekko, ours("local.conf"));
  }

  /** Settings that this module brings along. */
  static Config ours(String name) {
    return ConfigFactory.parseResources(
        LocalRun.class, name, ConfigParseOptions.defaults().setAllowMissing(false));
  }

  /** The JVM's properties come first, then the user's settings, this module's, Pekko's own. */
  static Config configuration(Config pekko, Config ours) {
    return ConfigFactory.defaultOverrides()
        .withFallback(pekko.atKey("pekko"))
        .withFallback(ours)
        .withFallback(ConfigFactory.defaultReferenceUnresolved())
        .resolve();
  }

  @Override
  public CompletionStage<RunSummary> finished() {
    return finished;
  }

  /**
   * Asks the run's coordinator.
   *
   * @param question made with whom to answer
   * @param patience after which the stage fails
   */
  public <T> CompletionStage<T> ask(
      Function<ActorRef<T>, CoordinatorMessage> question, Duration patience) {
    return AskPattern.ask(
        system,
        (ActorRef<T> replyTo) -> new NodeGuardian.Forward(question.apply(replyTo)),
        patience,
        system.scheduler());
  }

  @Override
  public void stop() {
    system.tell(new NodeGuardian.Stop());
  }
}
