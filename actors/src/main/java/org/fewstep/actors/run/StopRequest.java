package org.fewstep.actors.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.fewstep.config.UserException;
import org.fewstep.protocol.AdmissionMessage;
import org.fewstep.protocol.NodeMessage;
import org.fewstep.protocol.NodeMessage.RunEnded;
import org.fewstep.protocol.NodeMessage.RunStopping;

/** Asks a run to end, from outside its cluster. */
public final class StopRequest {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  private StopRequest() {}

  private record Ask() implements NodeMessage.Local {}

  private record TooLate() implements NodeMessage.Local {}

  /**
   * Asks, and waits for the run's end.
   *
   * @param seeds core nodes of the run; one that answers is enough
   * @param endpoint to listen at; port 0 for any that is free
   * @param patience how long the run may be silent; its end takes as long as it takes
   * @param onStopping is told the run's name once it has agreed
   * @return fails with a {@link UserException} if nobody answers
   */
  public static CompletionStage<RunEnded> send(
      List<Endpoint> seeds, Endpoint endpoint, Duration patience, Consumer<String> onStopping) {
    CompletableFuture<RunEnded> outcome = new CompletableFuture<>();
    // It sends and is sent messages; to be a member of the cluster takes more than it is worth.
    Config own =
        ConfigFactory.parseString("pekko.actor.provider = remote")
            .withFallback(ClusterSettings.at(endpoint));
    ActorSystem<NodeMessage> system =
        ActorSystem.create(
            Behaviors.setup(
                context ->
                    Behaviors.withTimers(
                        timers -> {
                          timers.startTimerWithFixedDelay(new Ask(), Duration.ZERO, ASK_AGAIN);
                          timers.startSingleTimer(new TooLate(), patience);
                          return asking(context, timers, seeds, patience, onStopping, outcome);
                        })),
            ClusterSettings.SYSTEM,
            LocalRun.configuration(ConfigFactory.empty(), own));
    CompletableFuture<RunEnded> finished = new CompletableFuture<>();
    system
        .getWhenTerminated()
        .whenComplete((done, failure) -> LocalRun.handOver(outcome, finished));
    return finished;
  }

  private static Behavior<NodeMessage> asking(
      ActorContext<NodeMessage> context,
      TimerScheduler<NodeMessage> timers,
      List<Endpoint> seeds,
      Duration patience,
      Consumer<String> onStopping,
      CompletableFuture<RunEnded> outcome) {
    AtomicBoolean agreed = new AtomicBoolean();
    ActorRefResolver resolver = ActorRefResolver.get(context.getSystem());
    return Behaviors.receive(NodeMessage.class)
        .onMessage(
            Ask.class,
            ask -> {
              for (Endpoint seed : seeds) {
                ActorRef<AdmissionMessage> admission =
                    resolver.resolveActorRef(
                        ClusterSettings.address(seed) + "/user/" + Admission.NAME);
                admission.tell(new AdmissionMessage.AskStop(context.getSelf()));
              }
              return Behaviors.same();
            })
        .onMessage(
            RunStopping.class,
            stopping -> {
              timers.startSingleTimer(new TooLate(), patience);
              if (agreed.compareAndSet(false, true)) {
                onStopping.accept(stopping.run());
              }
              return Behaviors.same();
            })
        .onMessage(
            RunEnded.class,
            ended -> {
              outcome.complete(ended);
              return Behaviors.stopped();
            })
        .onMessage(
            TooLate.class,
            late -> {
              outcome.completeExceptionally(
                  new UserException(
                      "no run answers at %s within %d s"
                          .formatted(
                              seeds.stream()
                                  .map(Endpoint::toString)
                                  .collect(Collectors.joining(" or ")),
                              patience.toSeconds())));
              return Behaviors.stopped();
            })
        .build();
  }
}
