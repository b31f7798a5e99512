package org.fewstep.actors.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
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
import org.fewstep.actors.Failures;
import org.fewstep.actors.coordinator.OwedEvaluation;
import org.fewstep.actors.coordinator.RunCoordinator;
import org.fewstep.actors.coordinator.RunListener;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.coordinator.UpdateRule;
import org.fewstep.actors.evaluator.Evaluator;
import org.fewstep.actors.server.ParameterServer;
import org.fewstep.actors.trainer.AdmissionException;
import org.fewstep.actors.trainer.Trainer;
import org.fewstep.config.UserException;
import org.fewstep.protocol.AdmissionMessage;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.NodeMessage;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.bulk.BulkTransport;
import org.jspecify.annotations.Nullable;

/**
 * Starts the actors of a run in this JVM and watches over them. A trainer that fails is started
 * again under the next incarnation, after a wait, a few times; everything else that fails, and what
 * no restart mends, ends the run with its cause.
 */
final class NodeGuardian extends AbstractBehavior<NodeGuardian.Command> {
  private static final DispatcherSelector PINNED =
      DispatcherSelector.fromConfig("fewstep.pinned-dispatcher");

  /** There is one life of the parameters as long as nothing but the whole process can be lost. */
  private static final long EPOCH = 1;

  private final TimerScheduler<Command> timers;
  private final RunSettings settings;
  private final TrainingFactory factory;
  private final CompletableFuture<RunSummary> outcome;
  private final ActorRef<CoordinatorMessage> coordinator;
  private final Map<String, ActorRef<LoaderMessage>> loaders = new HashMap<>();
  private final ActorRef<ServerMessage> server;
  private final BulkTransport transport;
  private final @Nullable ActorRef<AdmissionMessage> admission;
  private final Map<ActorRef<?>, TrainerLife> trainers = new HashMap<>();
  private boolean ending;

  /** What the guardian may be told. */
  sealed interface Command extends NoSerializationVerificationNeeded {}

  /** Ends the run after a checkpoint. */
  record Stop() implements Command {}

  /** Hands a message on to the coordinator. */
  record Forward(CoordinatorMessage message) implements Command {}

  /** Ends the run at once with the cause of a failure outside of its actors. */
  record Fail(Throwable cause) implements Command {}

  private record Finished(RunSummary summary) implements Command {}

  private record NodesGone() implements Command {}

  private record StartTrainer(TrainerLife life) implements Command {}

  private record TrainerLife(int index, long incarnation) {
    String name() {
      return "trainer-" + index;
    }

    TrainerLife next() {
      return new TrainerLife(index, incarnation + 1);
    }
  }

  /**
   * A guardian that ends, and its system with it, when the run does.
   *
   * @param transport makes what carries tensors
   * @param open what nodes that come are told; null for a run that nobody else can join
   * @param outcome is completed before the guardian ends
   */
  static Behavior<Command> create(
      RunSettings settings,
      TrainingFactory factory,
      RunListener listener,
      Function<ActorContext<?>, BulkTransport> transport,
      @Nullable OpenRun open,
      CompletableFuture<RunSummary> outcome) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new NodeGuardian(
                        context,
                        timers,
                        settings,
                        factory,
                        listener,
                        transport.apply(context),
                        open,
                        outcome)));
  }

  private NodeGuardian(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      RunSettings settings,
      TrainingFactory factory,
      RunListener listener,
      BulkTransport transport,
      @Nullable OpenRun open,
      CompletableFuture<RunSummary> outcome) {
    super(context);
    this.timers = timers;
    this.settings = settings;
    this.factory = factory;
    this.transport = transport;
    this.outcome = outcome;
    List<TrainingFactory.Owed> owed = factory.owedEvaluations();
    coordinator =
        start(
            "coordinator",
            RunCoordinator.create(
                new RunCoordinator.Settings(
                    settings.plan(),
                    settings.identity(),
                    settings.schedule(),
                    EPOCH,
                    settings.leaseTimeout(),
                    owed.stream()
                        .map(
                            one ->
                                new OwedEvaluation(
                                    one.parameters().version(),
                                    one.parameters().images(),
                                    one.parameters().track(),
                                    one.due()))
                        .toList(),
                    settings.limits()),
                listener,
                transport,
                context.messageAdapter(
                    RunCoordinator.RunFinished.class,
                    finished -> new Finished(finished.summary()))),
            DispatcherSelector.defaultDispatcher());
    start(
        "evaluator",
        Evaluator.create(
            "evaluator",
            TrainerWork.onDevice(factory, factory::newEvaluations),
            coordinator,
            transport),
        PINNED);
    server =
        start(
            "parameter-server",
            ParameterServer.create(
                new ParameterServer.Settings(
                    factory::newParameterSet,
                    factory::tensorAt,
                    factory.newCheckpointWriter(),
                    EPOCH,
                    settings.codec(),
                    settings.plan().delay(),
                    owed.stream().map(TrainingFactory.Owed::parameters).toList()),
                new ParameterServer.Peers(coordinator, transport)),
            PINNED);
    startLoaders();
    for (int i = 1; i <= settings.trainers(); i++) {
      startTrainer(new TrainerLife(i, 1));
    }
    admission =
        open == null
            ? null
            : start(
                Admission.NAME,
                Admission.create(
                    open,
                    settings.identity(),
                    settings.codec(),
                    localStepUnits(),
                    new Admission.Actors(coordinator, server)),
                DispatcherSelector.defaultDispatcher());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Stop.class, stop -> onStop())
        .onMessage(Forward.class, this::onForward)
        .onMessage(Fail.class, failure -> fail(failure.cause()))
        .onMessage(Finished.class, this::onFinished)
        .onMessage(NodesGone.class, gone -> end())
        .onMessage(StartTrainer.class, this::onStartTrainer)
        .onSignal(ChildFailed.class, this::onChildFailed)
        .onSignal(Terminated.class, this::onChildEnded)
        .build();
  }

  private <T> ActorRef<T> start(String name, Behavior<T> behavior, DispatcherSelector dispatcher) {
    // Without logging here: the guardian says what failed, or hands the failure on.
    Behavior<T> supervised =
        Behaviors.supervise(behavior)
            .onFailure(Exception.class, SupervisorStrategy.stop().withLoggingEnabled(false));
    ActorRef<T> child = getContext().spawn(supervised, name, dispatcher);
    getContext().watch(child);
    return child;
  }

  /** One for all trainers, or, as rounds belong to their trainers, one for each. */
  private void startLoaders() {
    boolean shared = localStepUnits() == 0;
    ActorRef<LoaderMessage> latest = null;
    for (int i = 1; i <= settings.trainers(); i++) {
      if (latest == null || !shared) {
        latest = startLoader(shared ? "loader" : "loader-" + i);
      }
      loaders.put(new TrainerLife(i, 1).name(), latest);
    }
  }

  private ActorRef<LoaderMessage> startLoader(String name) {
    return start(
        name,
        TrainerWork.loader(name, factory, localStepUnits(), settings.readyUnits(), coordinator),
        DispatcherSelector.defaultDispatcher());
  }

  private Trainer.Work work() {
    return TrainerWork.of(factory, localStepUnits());
  }

  /** Units of a trainer's own step, 0 where trainers push gradients. */
  private int localStepUnits() {
    return settings.plan().rule() instanceof UpdateRule.LocalSteps
        ? settings.plan().unitsPerUpdate()
        : 0;
  }

  private void startTrainer(TrainerLife life) {
    Trainer.Identity identity =
        new Trainer.Identity(
            life.name(),
            life.incarnation(),
            settings.identity().modelHash(),
            settings.identity().dataFingerprint(),
            factory.device().toString());
    trainers.put(
        start(
            life.name() + "-" + life.incarnation(),
            Trainer.create(
                identity,
                work(),
                new Trainer.Peers(
                    coordinator,
                    server,
                    Objects.requireNonNull(loaders.get(life.name())),
                    transport,
                    settings.codec())),
            PINNED),
        life);
  }

  private Behavior<Command> onStop() {
    coordinator.tell(new CoordinatorMessage.StopRun());
    return this;
  }

  private Behavior<Command> onForward(Forward forward) {
    coordinator.tell(forward.message());
    return this;
  }

  private Behavior<Command> onFinished(Finished finished) {
    outcome.complete(finished.summary());
    return dismiss(finished.summary().images(), finished.summary().stopped(), "");
  }

  /** Sends the other nodes home before the run ends. */
  private Behavior<Command> dismiss(long images, boolean stopped, String failure) {
    ending = true;
    if (admission == null) {
      return end();
    }
    admission.tell(
        new Admission.End(
            new NodeMessage.RunEnded(images, stopped, failure),
            getContext().getSelf().narrow(),
            new NodesGone()));
    return this;
  }

  /** A node of a cluster leaves it in good order, which takes the whole system to end. */
  private Behavior<Command> end() {
    if (admission == null) {
      return Behaviors.stopped();
    }
    getContext().getSystem().terminate();
    return this;
  }

  private Behavior<Command> onStartTrainer(StartTrainer start) {
    if (ending) {
      return this;
    }
    startTrainer(start.life());
    return this;
  }

  private Behavior<Command> onChildFailed(ChildFailed failed) {
    if (ending) {
      return failed.getRef().equals(admission) ? end() : this;
    }
    Throwable cause = failed.getCause();
    TrainerLife life = trainers.remove(failed.getRef());
    if (life == null || !canRestartMend(cause)) {
      return fail(cause);
    }
    if (life.incarnation() > settings.trainerRestarts()) {
      getContext().getLog().error("{} failed for good", life.name());
      return fail(cause);
    }
    Duration wait = settings.restartBackoff().multipliedBy(1L << (life.incarnation() - 1));
    getContext().getLog().warn("{} failed and starts again in {}", life.name(), wait, cause);
    timers.startSingleTimer(life.name(), new StartTrainer(life.next()), wait);
    return this;
  }

  private static boolean canRestartMend(Throwable cause) {
    return !(cause instanceof UserException
        || cause instanceof AdmissionException
        || cause instanceof Failures.MachineException);
  }

  private Behavior<Command> onChildEnded(Terminated ended) {
    if (ending) {
      return this;
    }
    return fail(
        new IllegalStateException(ended.getRef().path().name() + " ended before the run did"));
  }

  private Behavior<Command> fail(Throwable cause) {
    outcome.completeExceptionally(cause);
    String sentence =
        cause instanceof UserException
            ? String.valueOf(cause.getMessage())
            : "a defect of the program (" + cause.getClass().getSimpleName() + ")";
    return dismiss(0, false, sentence);
  }
}
