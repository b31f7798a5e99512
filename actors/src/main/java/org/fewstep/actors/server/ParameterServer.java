package org.fewstep.actors.server;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
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
import org.fewstep.actors.MeanGradient;
import org.fewstep.actors.Norms;
import org.fewstep.config.UserException;
import org.fewstep.model.optim.LocalSteps;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.optim.Snapshot;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.ServerMessage.Decision;
import org.fewstep.protocol.ServerMessage.Judged;
import org.fewstep.protocol.ServerMessage.PullSnapshot;
import org.fewstep.protocol.ServerMessage.Push;
import org.fewstep.protocol.ServerMessage.ReleaseTrack;
import org.fewstep.protocol.ServerMessage.WriteCheckpoint;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.TrainerMessage.PushAck;
import org.fewstep.protocol.Verdict;
import org.fewstep.protocol.bulk.BulkTransport;
import org.jspecify.annotations.Nullable;

/**
 * Owns a parameter set: its values, its optimiser and its EMA tracks. Stages what trainers push,
 * has the coordinator decide, and applies decisions in version order, each as a whole.
 *
 * <p>A push that comes again, because its trainer heard nothing, is answered as it was before and
 * changes nothing.
 *
 * <p>Every version is published as an immutable copy that trainers fetch at their leisure. The
 * copies that they may still need, because they work a delay behind, stay, and one more for whoever
 * is just about to fetch it. Evaluations and checkpoints get copies of exactly the version they
 * were decided for.
 */
public final class ParameterServer extends AbstractBehavior<ServerMessage> {
  private final Settings settings;
  private final Peers peers;
  private final Executor blocking;
  private final Set<PushId> arriving = new HashSet<>();
  private final Map<PushId, StagedPush> staged = new HashMap<>();
  private final Answers answers = new Answers();
  private final List<PullSnapshot> early = new ArrayList<>();
  private final Map<Track, TensorTicket> evaluated = new HashMap<>();

  /** Ends when everything that was to be written so far is written, or has failed. */
  private CompletableFuture<?> written = CompletableFuture.completedFuture(null);

  /** Images at which the present parameters came about. */
  private long parametersMadeAt;

  private @Nullable ParameterSet set;

  /** Newest first. */
  private final Deque<Published> published = new ArrayDeque<>();

  /**
   * What a server is made of.
   *
   * @param parameters is asked once, on the server's thread
   * @param tensorAt name of the tensor that holds an element of the parameter vector
   * @param checkpoints is called on the dispatcher for blocking work
   * @param epoch counts the lives of the parameters
   * @param codec how published parameters travel; evaluations get every bit
   * @param delay versions by which trainers may work behind the newest one
   * @param owed parameters of earlier versions that are still to be evaluated
   */
  public record Settings(
      Supplier<ParameterSet> parameters,
      IntFunction<String> tensorAt,
      CheckpointWriter checkpoints,
      long epoch,
      TensorCodec codec,
      int delay,
      List<Snapshot> owed) {}

  /** Whom a server talks to, beside those who talk to it. */
  public record Peers(ActorRef<CoordinatorMessage> coordinator, BulkTransport transport) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record StagedPush(float[] gradient, ActorRef<TrainerMessage> trainer) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Published(TrainerMessage.Snapshot snapshot, float[] parameters) {}

  private record Prepare() implements ServerMessage.Local {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record GradientFetched(
      Push push, float @Nullable [] gradient, @Nullable Throwable failure)
      implements ServerMessage.Local {}

  private record CheckpointDone(
      long version, long images, @Nullable Path path, @Nullable Throwable failure)
      implements ServerMessage.Local {}

  private record Owed(Snapshot snapshot, @Nullable Throwable failure)
      implements ServerMessage.Local {}

  private record Track(long version, String name) {}

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
        .onMessage(Owed.class, this::onOwed)
        .onMessage(ReleaseTrack.class, this::onReleaseTrack)
        .build();
  }

  private Behavior<ServerMessage> onPrepare() throws Exception {
    set = Failures.shielded(settings.parameters()::get);
    parametersMadeAt = set().images();
    publishEarlier();
    publish();
    peers
        .coordinator()
        .tell(
            new CoordinatorMessage.ServerReady(
                settings.epoch(),
                set().version(),
                set().images(),
                set().unitsAhead(),
                getContext().getSelf()));
    settings.owed().forEach(this::offer);
    return this;
  }

  /** Serves again what trainers worked at when the state was saved. */
  private void publishEarlier() {
    List<float[]> earlier = set().earlier();
    for (int back = (int) Math.min(settings.delay(), set().version()); back > 0; back--) {
      publish(
          set().version() - back,
          earlier.size() < back ? set().published(settings.delay()) : earlier.get(back - 1));
    }
  }

  private void publish() {
    publish(set().version(), set().published(settings.delay()));
    set()
        .setEarlier(
            published.stream().skip(1).limit(settings.delay()).map(Published::parameters).toList());
    early.removeIf(this::served);
  }

  private void publish(long version, float[] parameters) {
    published.addFirst(
        new Published(
            new TrainerMessage.Snapshot(
                settings.epoch(),
                version,
                set().images(),
                peers.transport().offer(parameters, settings.codec())),
            parameters));
    if (published.size() > settings.delay() + 2) {
      peers.transport().release(published.removeLast().snapshot().parameters());
    }
  }

  private Behavior<ServerMessage> onPullSnapshot(PullSnapshot pull) {
    if (!served(pull) && !early.contains(pull)) {
      early.add(pull);
    }
    return this;
  }

  private boolean served(PullSnapshot pull) {
    Published newest = published.peekFirst();
    if (newest == null || newest.snapshot().version() < pull.minVersion()) {
      return false;
    }
    TrainerMessage.Snapshot wanted =
        published.stream()
            .limit(settings.delay() + 1)
            .map(Published::snapshot)
            .filter(snapshot -> snapshot.version() == pull.minVersion())
            .findFirst()
            .orElse(newest.snapshot());
    pull.replyTo().tell(wanted);
    return true;
  }

  private Behavior<ServerMessage> onPush(Push push) {
    PushAck answer = answers.to(push.push());
    if (answer != null) {
      push.replyTo().tell(answer);
    }
    if (answer != null || staged.containsKey(push.push())) {
      peers.transport().release(push.gradient());
      return this;
    }
    if (!arriving.add(push.push())) {
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
    arriving.remove(push.push());
    if (gradient == null) {
      getContext().getLog().debug("push {} did not arrive", push.push(), fetched.failure());
      push.replyTo().tell(new PushAck(push.push().round(), Verdict.NOT_ARRIVED));
      peers.coordinator().tell(new CoordinatorMessage.PushLost(push.push(), push.unit()));
      return this;
    }
    peers.transport().release(push.gradient());
    int size = set().size();
    if (gradient.length != size && !(set().takesDifferences() && gradient.length == 2 * size)) {
      throw new IllegalStateException(
          "push %s has a gradient of %d elements for %d parameters"
              .formatted(push.push(), gradient.length, size));
    }
    staged.put(push.push(), new StagedPush(gradient, push.replyTo()));
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
                NotFinite.tensors(gradient, settings.tensorAt())));
    return this;
  }

  private Behavior<ServerMessage> onJudged(Judged judged) {
    StagedPush push =
        judged.verdict() == Verdict.ACCEPTED
            ? staged.get(judged.push())
            : staged.remove(judged.push());
    if (push != null) {
      PushAck answer = new PushAck(judged.push().round(), judged.verdict(), judged.nextVersion());
      answers.add(judged.push(), answer);
      push.trainer().tell(answer);
    }
    return this;
  }

  private Behavior<ServerMessage> onDecision(Decision decision) throws Exception {
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
    double learningRate = set().nextLearningRate();
    double norm = make(decision, gradients);
    set().setUnitsAhead(decision.unitsAhead());
    decision.pushes().forEach(staged::remove);
    publish();
    peers
        .coordinator()
        .tell(
            new CoordinatorMessage.Published(
                settings.epoch(), set().version(), set().images(), norm, learningRate));
    EvaluationSchedule evaluation = decision.evaluation();
    if (evaluation != null) {
      evaluation.tracks().forEach(track -> owe(track, evaluation.on(track)));
    }
    if (decision.checkpoint()) {
      writeCheckpoint();
    }
    return this;
  }

  /** Makes the version; returns the norm of the mean of its pushes, 0 if there are none. */
  private double make(Decision decision, List<float[]> pushes) throws Exception {
    long deltaImages = decision.images() - set().images();
    if (decision.effect() == ServerMessage.Effect.APPLY) {
      double norm = apply(pushes, decision.blend(), deltaImages);
      parametersMadeAt = set().images();
      return norm;
    }
    if (decision.effect() == ServerMessage.Effect.GO_BACK) {
      goBack();
    }
    set().leaveOut(deltaImages);
    return 0;
  }

  private double apply(List<float[]> pushes, ServerMessage.Blend blend, long deltaImages) {
    MeanGradient mean = MeanGradient.of(pushes, blend.weights());
    if (!set().takesDifferences()) {
      set().apply(mean.values(), deltaImages, blend.factor());
      return mean.norm();
    }
    int size = set().size();
    float[] difference = mean.values();
    float[] rest = LocalSteps.rest(difference, size);
    if (rest != null) {
      difference = Arrays.copyOf(difference, size);
    }
    set().applyDifference(difference, rest, deltaImages, blend.factor());
    return Norms.euclidean(difference);
  }

  /**
   * Takes the parameters of a checkpoint from before the present ones were made, not its clocks.
   */
  private void goBack() throws Exception {
    written.handle((done, failure) -> true).join();
    long images = set().images();
    ParameterSet.State earlier =
        settings
            .checkpoints()
            .newestBefore(parametersMadeAt)
            .orElseThrow(
                () ->
                    new UserException(
                        ("Training has diverged: after %d images the parameters give nothing finite"
                                + " any more, and there is no checkpoint from before they were made"
                                + " to go back to; lower optimizer.lr.")
                            .formatted(images)));
    parametersMadeAt = earlier.images();
    set().restore(earlier.at(set().version(), images, set().unitsAhead(), set().earlier()));
  }

  private void owe(String track, EvaluationSchedule due) {
    Snapshot snapshot = track.equals(Snapshot.LIVE) ? set().snapshot() : set().snapshot(track);
    getContext()
        .pipeToSelf(
            inOrder(
                () -> {
                  settings.checkpoints().owe(snapshot, due);
                  return snapshot;
                }),
            (owed, failure) -> new Owed(snapshot, failure));
  }

  private Behavior<ServerMessage> onOwed(Owed owed) throws Exception {
    if (owed.failure() != null) {
      throw Failures.asException(owed.failure());
    }
    offer(owed.snapshot());
    return this;
  }

  private void offer(Snapshot snapshot) {
    TensorTicket ticket = peers.transport().offer(snapshot.parameters());
    evaluated.put(new Track(snapshot.version(), snapshot.track()), ticket);
    peers
        .coordinator()
        .tell(
            new CoordinatorMessage.TrackKept(
                snapshot.version(), snapshot.images(), snapshot.track(), ticket));
  }

  private Behavior<ServerMessage> onReleaseTrack(ReleaseTrack release) {
    TensorTicket ticket = evaluated.remove(new Track(release.version(), release.track()));
    if (ticket != null) {
      peers.transport().release(ticket);
    }
    return this;
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
    getContext()
        .pipeToSelf(
            inOrder(() -> settings.checkpoints().write(state)),
            (path, failure) -> new CheckpointDone(state.version(), state.images(), path, failure));
  }

  /** Runs work that may block after all such work before it, whether that failed or not. */
  private <T> CompletableFuture<T> inOrder(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    written =
        written.handleAsync(
            (before, failure) -> {
              try {
                return result.complete(work.call());
              } catch (Throwable e) { // reported to this actor
                return result.completeExceptionally(e);
              }
            },
            blocking);
    return result;
  }

  private Behavior<ServerMessage> onCheckpointDone(CheckpointDone done) throws Exception {
    if (done.path() == null) {
      Exception failure = Failures.asException(done.failure());
      if (failure instanceof UserException refused) {
        peers
            .coordinator()
            .tell(
                new CoordinatorMessage.CheckpointFailed(
                    done.version(), done.images(), String.valueOf(refused.getMessage())));
        return this;
      }
      throw failure;
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
