package org.fewstep.actors.run;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.fewstep.actors.Failures;
import org.fewstep.actors.evaluator.Evaluator;
import org.fewstep.actors.run.WorkerNode.Outcome;
import org.fewstep.actors.run.WorkerNode.Reason;
import org.fewstep.actors.run.WorkerNode.Role;
import org.fewstep.actors.trainer.AdmissionException;
import org.fewstep.actors.trainer.Trainer;
import org.fewstep.config.UserException;
import org.fewstep.protocol.AdmissionMessage;
import org.fewstep.protocol.EvaluatorMessage;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.NodeMessage;
import org.fewstep.protocol.NodeMessage.AskPresence;
import org.fewstep.protocol.NodeMessage.RunEnded;
import org.fewstep.protocol.NodeMessage.RunOffer;
import org.fewstep.protocol.NodeMessage.TurnedAway;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.WireMessage;
import org.fewstep.protocol.bulk.BulkTransport;
import org.fewstep.protocol.bulk.TransferFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Starts the actors that a node works with once the run has told it what it is, and ends them. It
 * restarts nothing: whoever started the process does that, because a device that failed may have
 * taken the process's state with it.
 */
final class WorkerGuardian extends AbstractBehavior<NodeMessage> {
  private static final DispatcherSelector PINNED =
      DispatcherSelector.fromConfig("fewstep.pinned-dispatcher");

  private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

  /** A core that does not answer a trainer that is leaving. */
  private static final Duration DRAIN_PATIENCE = Duration.ofMinutes(2);

  private final TimerScheduler<NodeMessage> timers;
  private final WorkerNode.Settings settings;
  private final Function<RunOffer, WorkParts> prepare;
  private final WorkerNode.Listener listener;
  private final BulkTransport transport;
  private final CompletableFuture<Outcome> outcome;
  private final Executor blocking;

  private @Nullable ActorRef<AdmissionMessage> admission;
  private @Nullable RunOffer run;
  private @Nullable ActorRef<TrainerMessage> trainer;
  private @Nullable ActorRef<EvaluatorMessage> evaluator;
  private boolean draining;
  private boolean ending;

  /** Leave soon. */
  record Drain() implements NodeMessage.Local {}

  private record Found(Receptionist.Listing listing) implements NodeMessage.Local {}

  private record Ask() implements NodeMessage.Local {}

  private record TooLate() implements NodeMessage.Local {}

  private record DrainedEnough() implements NodeMessage.Local {}

  private record CoreGone() implements NodeMessage.Local {}

  private record Prepared(@Nullable WorkParts parts, @Nullable Throwable failure)
      implements NodeMessage.Local {}

  static Behavior<NodeMessage> create(
      WorkerNode.Settings settings,
      Function<RunOffer, WorkParts> prepare,
      WorkerNode.Listener listener,
      Function<ActorContext<?>, BulkTransport> transport,
      CompletableFuture<Outcome> outcome) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new WorkerGuardian(
                        context,
                        timers,
                        settings,
                        prepare,
                        listener,
                        transport.apply(context),
                        outcome)));
  }

  private WorkerGuardian(
      ActorContext<NodeMessage> context,
      TimerScheduler<NodeMessage> timers,
      WorkerNode.Settings settings,
      Function<RunOffer, WorkParts> prepare,
      WorkerNode.Listener listener,
      BulkTransport transport,
      CompletableFuture<Outcome> outcome) {
    super(context);
    this.timers = timers;
    this.settings = settings;
    this.prepare = prepare;
    this.listener = listener;
    this.transport = transport;
    this.outcome = outcome;
    this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    context
        .getSystem()
        .receptionist()
        .tell(
            Receptionist.subscribe(
                Admission.KEY, context.messageAdapter(Receptionist.Listing.class, Found::new)));
    timers.startSingleTimer(new TooLate(), settings.patience());
  }

  @Override
  public Receive<NodeMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(Found.class, this::onFound)
        .onMessage(Ask.class, ask -> onAsk())
        .onMessage(RunOffer.class, this::onRunOffer)
        .onMessage(AskPresence.class, this::onAskPresence)
        .onMessage(TurnedAway.class, away -> fail(new UserException(away.reason())))
        .onMessage(RunEnded.class, ended -> end(new Outcome(Reason.RUN_ENDED, ended)))
        .onMessage(Prepared.class, this::onPrepared)
        .onMessage(TooLate.class, late -> onTooLate())
        .onMessage(Drain.class, drain -> onDrain())
        .onMessage(DrainedEnough.class, enough -> end(new Outcome(Reason.DRAINED, null)))
        .onMessage(CoreGone.class, gone -> end(new Outcome(Reason.LOST, null)))
        .onSignal(ChildFailed.class, this::onChildFailed)
        .onSignal(Terminated.class, this::onChildEnded)
        .build();
  }

  private Behavior<NodeMessage> onFound(Found found) {
    if (run == null && !ending) {
      found.listing().getServiceInstances(Admission.KEY).stream()
          .findFirst()
          .ifPresent(
              there -> {
                admission = there;
                timers.startTimerWithFixedDelay(new Ask(), Duration.ZERO, ASK_AGAIN);
              });
    }
    return this;
  }

  private Behavior<NodeMessage> onAsk() {
    if (admission != null) {
      admission.tell(
          new AdmissionMessage.AskRun(
              settings.name(),
              settings.owner(),
              WireMessage.PROTOCOL_VERSION,
              settings.codeVersion(),
              getContext().getSelf()));
    }
    return this;
  }

  private Behavior<NodeMessage> onRunOffer(RunOffer offer) {
    if (run != null || ending) {
      return this;
    }
    run = offer;
    timers.cancelAll();
    getContext().watchWith(offer.coordinator(), new CoreGone());
    listener.onFound(offer);
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> prepare.apply(offer), blocking), Prepared::new);
    return this;
  }

  private Behavior<NodeMessage> onPrepared(Prepared prepared) {
    WorkParts parts = prepared.parts();
    if (parts == null) {
      return fail(Failures.asException(prepared.failure()));
    }
    RunOffer offer = run;
    if (ending || draining || offer == null) {
      return this;
    }
    if (settings.roles().contains(Role.EVALUATOR)) {
      evaluator =
          start(
              "evaluator",
              Evaluator.create(
                  settings.name(),
                  TrainerWork.onDevice(parts, parts::newEvaluations),
                  offer.coordinator(),
                  transport),
              PINNED);
    }
    if (settings.roles().contains(Role.TRAINER)) {
      trainer = startTrainer(offer, parts);
    }
    listener.onWorking();
    return this;
  }

  private ActorRef<TrainerMessage> startTrainer(RunOffer offer, WorkParts parts) {
    ActorRef<LoaderMessage> loader =
        start(
            "loader",
            TrainerWork.loader(
                settings.name() + "/" + settings.incarnation(),
                parts,
                offer.localStepUnits(),
                RunSettings.READY_UNITS,
                offer.coordinator()),
            DispatcherSelector.defaultDispatcher());
    return start(
        "trainer",
        Trainer.create(
            new Trainer.Identity(
                settings.name(),
                settings.incarnation(),
                offer.modelHash(),
                offer.dataFingerprint(),
                parts.device().toString()),
            TrainerWork.of(parts, offer.localStepUnits()),
            new Trainer.Peers(
                offer.coordinator(), offer.server(), loader, transport, offer.codec())),
        PINNED);
  }

  private <T> ActorRef<T> start(String name, Behavior<T> behavior, DispatcherSelector dispatcher) {
    Behavior<T> supervised =
        Behaviors.supervise(behavior)
            .onFailure(Exception.class, SupervisorStrategy.stop().withLoggingEnabled(false));
    ActorRef<T> child = getContext().spawn(supervised, name, dispatcher);
    getContext().watch(child);
    return child;
  }

  private Behavior<NodeMessage> onTooLate() {
    String seeds =
        settings.seeds().stream().map(Endpoint::toString).collect(Collectors.joining(" or "));
    return fail(
        new UserException(
            "no run was found at %s within %d s: is ./fewstep seed running there, and can it be reached from here?"
                .formatted(seeds, settings.patience().toSeconds())));
  }

  private Behavior<NodeMessage> onDrain() {
    if (draining || ending) {
      return this;
    }
    draining = true;
    if (trainer == null) {
      return end(new Outcome(Reason.DRAINED, null));
    }
    if (evaluator != null) {
      getContext().stop(evaluator); // its part goes to another one
    }
    trainer.tell(new Trainer.Drain());
    timers.startSingleTimer(new DrainedEnough(), DRAIN_PATIENCE);
    return this;
  }

  private Behavior<NodeMessage> onAskPresence(AskPresence ask) {
    if (!draining && !ending) {
      ask.replyTo().tell(new AdmissionMessage.Present(getContext().getSelf()));
    }
    return this;
  }

  private Behavior<NodeMessage> onChildFailed(ChildFailed failed) {
    Throwable cause = failed.getCause();
    if (cause instanceof AdmissionException) {
      return fail(new UserException(String.valueOf(cause.getMessage())));
    }
    if (cause instanceof TransferFailedException) {
      return end(new Outcome(Reason.LOST, null));
    }
    return fail(cause);
  }

  private Behavior<NodeMessage> onChildEnded(Terminated ended) {
    if (draining && ended.getRef().equals(trainer)) {
      return end(new Outcome(Reason.DRAINED, null));
    }
    if (draining && ended.getRef().equals(evaluator)) {
      return this;
    }
    return fail(
        new IllegalStateException(ended.getRef().path().name() + " ended before the node did"));
  }

  private Behavior<NodeMessage> fail(Throwable cause) {
    outcome.completeExceptionally(cause);
    return end(new Outcome(Reason.LOST, null));
  }

  /** Leaves the cluster in good order, which takes the whole system to end. */
  private Behavior<NodeMessage> end(Outcome how) {
    if (!ending) {
      ending = true;
      timers.cancelAll();
      outcome.complete(how);
      getContext().getSystem().terminate();
    }
    return this;
  }
}
