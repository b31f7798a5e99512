package org.fewstep.tests.bench.transfer;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.fewstep.protocol.bulk.RemoteBulkTransport;

/** An actor system as a node of a cluster has it, with a transport and one more actor. */
final class BenchNode<M> implements AutoCloseable {
  private static final int START_SECONDS = 30;

  private final ActorSystem<Void> system;
  private final Started<M> started;

  private record Started<M>(RemoteBulkTransport transport, ActorRef<M> actor) {}

  private BenchNode(ActorSystem<Void> system, Started<M> started) {
    this.system = system;
    this.started = started;
  }

  static <M> BenchNode<M> start(String name, Behavior<M> behavior) {
    CompletableFuture<Started<M>> started = new CompletableFuture<>();
    Behavior<Void> guardian =
        Behaviors.setup(
            context -> {
              ActorRef<M> actor = context.spawn(behavior, "control");
              started.complete(new Started<>(RemoteBulkTransport.spawn(context), actor));
              return Behaviors.empty();
            });
    ActorSystem<Void> system = ActorSystem.create(guardian, name, configuration());
    return new BenchNode<>(system, started.orTimeout(START_SECONDS, TimeUnit.SECONDS).join());
  }

  /** Standard output belongs to the referee, so nothing may be logged there. */
  private static Config configuration() {
    return ConfigFactory.parseString(
            """
            pekko {
              loglevel = ERROR
              stdout-loglevel = OFF
              actor.provider = remote
              remote.warn-about-direct-use = off
              remote.use-unsafe-remote-features-outside-cluster = on
              remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
            }
            """)
        .withFallback(RemoteBulkTransport.arterySettings())
        .withFallback(ConfigFactory.defaultReference())
        .resolve();
  }

  RemoteBulkTransport transport() {
    return started.transport();
  }

  ActorRef<M> actor() {
    return started.actor();
  }

  /** How another process finds the actor. */
  String actorAddress() {
    return ActorRefResolver.get(system).toSerializationFormat(actor());
  }

  <T> ActorRef<T> resolve(String address) {
    return ActorRefResolver.get(system).resolveActorRef(address);
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
