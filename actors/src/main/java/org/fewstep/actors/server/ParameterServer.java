package org.fewstep.actors.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.fewstep.actors.Failures;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.optim.Snapshot;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.EvaluatorMessage;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.ServerMessage.Decision;
import org.fewstep.protocol.ServerMessage.Judged;
import org.fewstep.protocol.ServerMessage.PullSnapshot;
import org.fewstep.protocol.ServerMessage.Push;
import org.fewstep.protocol.ServerMessage.WriteCheckpoint;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.TrainerMessage.PushAck;
import org.fewstep.protocol.Verdict;
import org.fewstep.protocol.bulk.BulkTransport;
import org.jspecify.annotations.Nullable;

/**
 * Owns a parameter set: its values, its optimiser and its EMA tracks. Stages what trainers push,
 * has the coordinator decide, and applies decisions in version order, each as a whole.
 *
 * <p>Every version is published as an immutable copy that trainers fetch at their leisure; the copy
 * before it stays until the next one comes, for whoever is just about to fetch it. Evaluations and
 * checkpoints get copies of exactly the version they were decided for.
 */
public final class ParameterServer extends AbstractBehavior<ServerMessage> {
  private final Settings settings;
  private final Peers peers;
  private final Executor blocking;
  private final Map<PushId, StagedPush> staged = new HashMap<>();
  private final List<PullSnapshot> early = new ArrayList<>();

  private @Nullable ParameterSet set;
  private TrainerMessage.@Nullable Snapshot published;
  private TrainerMessage.@Nullable Snapshot previous;

  /**
   * What a server is made of.
   *
   * @param parameters is asked once, on the server's thread
   * @param tensorAt name of the tensor that holds an element of the parameter vector
   * @param checkpoints is called on the dispatcher for blocking work
   * @param epoch counts the lives of the parameters
   */
  public record Settings(
      Supplier<ParameterSet> parameters,
      IntFunction<String> tensorAt,
      CheckpointWriter checkpoints,
      long epoch) {}

  /** Whom a server talks to, beside those who talk to it. */
  public record Peers(
      ActorRef<CoordinatorMessage> coordinator,
      ActorRef<EvaluatorMessage> evaluator,
      BulkTransport transport) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record StagedPush(float[] gradient, ActorRef<TrainerMessage> trainer) {}

  private record Prepare() implements ServerMessage.Local {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record GradientFetched(
      Push push, float @Nullable [] gradient, @Nullable Throwable failure)
      implements ServerMessage.Local {}

  private record CheckpointDone(
      long version, long images, @Nullable Path path, @Nullable Throwable failure)
      implements ServerMessage.Local {}

  /** A server; it reports to the coordinator once its parameters are there. */
  public static Behavior<ServerMessage> create(Settings settings, Peers peers) {
    return Behaviors.setup(
        context -> {
          context.getSelf().tell(new Prepare());
          return new ParameterServer(context, settings, peers);
        });
  }

  private ParameterServer(ActorContext<ServerMessage> context, Settings settings, Peers peers) {
    super(context);
    this.settings = settings;
    this.peers = peers;
    this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
  }

  @Override
  public Receive<ServerMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(Prepare.class, prepare -> onPrepare())
        .onMessage(PullSnapshot.class, this::onPullSnapshot)
        .onMessage(Push.class, this::onPush)
        .onMessage(GradientFetched.class, this::onGradientFetched)
        .onMessage(Judged.class, this::onJudged)
        .onMessage(Decision.class, this::onDecision)
        .onMessage(WriteCheckpoint.class, this::onWriteCheckpoint)
        .onMessage(CheckpointDone.class, this::onCheckpointDone)
        .build();
  }

  private Behavior<ServerMessage> onPrepare() throws Exception {
    set = Failures.shielded(settings.parameters()::get);
    publish();
    peers
        .coordinator()
        .tell(
            new CoordinatorMessage.ServerReady(
                settings.epoch(), set().version(), set().images(), getContext().getSelf()));
    return this;
  }

  private void publish() {
    if (previous != null) {
      peers.transport().release(previous.parameters());
    }
    previous = published;
    published =
        new TrainerMessage.Snapshot(
            settings.epoch(),
            set().version(),
            set().images(),
            peers.transport().offer(set().snapshot().parameters()));
    early.removeIf(this::served);
  }

  private Behavior<ServerMessage> onPullSnapshot(PullSnapshot pull) {
    if (!served(pull)) {
      early.add(pull);
    }
    return this;
  }

  private boolean served(PullSnapshot pull) {
    if (published == null || published.version() < pull.minVersion()) {
      return false;
    }
    pull.replyTo().tell(published);
    return true;
  }

  private Behavior<ServerMessage> onPush(Push push) {
    if (staged.containsKey(push.push())) {
      push.replyTo().tell(new PushAck(push.push().round(), Verdict.DUPLICATE));
      return this;
    }
    getContext()
        .pipeToSelf(
            peers.transport().fetch(push.gradient()),
            (gradient, failure) -> new GradientFetched(push, gradient, failure));
    return this;
  }

  private Behavior<ServerMessage> onGradientFetched(GradientFetched fetched) {
    Push push = fetched.push();
    float[] gradient = fetched.gradient();
    if (gradient == null) {
      getContext()
          .getLog()
          .warn(
              "push {} did not arrive; its unit is leased again when its lease has run out",
              push.push(),
              fetched.failure());
      return this;
    }
    peers.transport().release(push.gradient());
    if (gradient.length != set().size()) {
      throw new IllegalStateException(
          "push %s has a gradient of %d elements for %d parameters"
              .formatted(push.push(), gradient.length, set().size()));
    }
    if (staged.putIfAbsent(push.push(), new StagedPush(gradient, push.replyTo())) != null) {
      push.replyTo().tell(new PushAck(push.push().round(), Verdict.DUPLICATE));
      return this;
    }
    peers
        .coordinator()
        .tell(
            new CoordinatorMessage.Staged(
                push.push(),
                push.epoch(),
                push.unit(),
                push.baseVersion(),
                push.images(),
                push.report(),
                firstNotFinite(gradient)));
    return this;
  }

  private String firstNotFinite(float[] gradient) {
    for (int i = 0; i < gradient.length; i++) {
      if (!Float.isFinite(gradient[i])) {
        return settings.tensorAt().apply(i);
      }
    }
    return "";
  }

  private Behavior<ServerMessage> onJudged(Judged judged) {
    StagedPush push =
        judged.verdict() == Verdict.ACCEPTED
            ? staged.get(judged.push())
            : staged.remove(judged.push());
    if (push != null) {
      push.trainer().tell(new PushAck(judged.push().round(), judged.verdict()));
    }
    return this;
  }

  private Behavior<ServerMessage> onDecision(Decision decision) {
    if (decision.epoch() != settings.epoch() || decision.version() != set().version() + 1) {
      throw new IllegalStateException(
          "version %d of epoch %d was decided, but the parameters are at version %d of epoch %d"
              .formatted(decision.version(), decision.epoch(), set().version(), settings.epoch()));
    }
    List<float[]> gradients = new ArrayList<>();
    for (PushId id : decision.pushes()) {
      StagedPush push = staged.get(id);
      if (push == null) {
        throw new IllegalStateException(
            "version %d was decided with push %s, which is not here"
                .formatted(decision.version(), id));
      }
      gradients.add(push.gradient());
    }
    MeanGradient gradient = MeanGradient.of(gradients);
    double learningRate = set().nextLearningRate();
    set().apply(gradient.values(), decision.images() - set().images());
    decision.pushes().forEach(staged::remove);
    publish();
    peers
        .coordinator()
        .tell(
            new CoordinatorMessage.Published(
                settings.epoch(), set().version(), set().images(), gradient.norm(), learningRate));
    EvaluationSchedule evaluation = decision.evaluation();
    if (evaluation != null) {
      evaluation.tracks().forEach(track -> sendToEvaluator(track, evaluation));
    }
    if (decision.checkpoint()) {
      writeCheckpoint();
    }
    return this;
  }

  private void sendToEvaluator(String track, EvaluationSchedule schedule) {
    Snapshot snapshot = track.equals(Snapshot.LIVE) ? set().snapshot() : set().snapshot(track);
    peers
        .evaluator()
        .tell(
            new EvaluatorMessage.EvaluateTrack(
                snapshot.version(),
                snapshot.images(),
                track,
                schedule,
                peers.transport().offer(snapshot.parameters())));
  }

  private Behavior<ServerMessage> onWriteCheckpoint(WriteCheckpoint order) {
    if (order.version() != set().version()) {
      throw new IllegalStateException(
          "version %d is to be saved, but the parameters are at version %d"
              .formatted(order.version(), set().version()));
    }
    writeCheckpoint();
    return this;
  }

  private void writeCheckpoint() {
    ParameterSet.State state = set().state();
    CompletableFuture<Path> written = new CompletableFuture<>();
    blocking.execute(
        () -> {
          try {
            written.complete(settings.checkpoints().write(state));
          } catch (Throwable e) { // reported to this actor, which fails with it
            written.completeExceptionally(e);
          }
        });
    getContext()
        .pipeToSelf(
            written,
            (path, failure) -> new CheckpointDone(state.version(), state.images(), path, failure));
  }

  private Behavior<ServerMessage> onCheckpointDone(CheckpointDone done) throws Exception {
    if (done.path() == null) {
      throw Failures.asException(done.failure());
    }
    peers
        .coordinator()
        .tell(
            new CoordinatorMessage.CheckpointWritten(
                done.version(), done.images(), done.path().toString()));
    return this;
  }

  private ParameterSet set() {
    return Objects.requireNonNull(set, "the parameters are not there yet");
  }
}
