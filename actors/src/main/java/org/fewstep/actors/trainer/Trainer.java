package org.fewstep.actors.trainer;

import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.fewstep.actors.Failures;
import org.fewstep.actors.Norms;
import org.fewstep.actors.loader.RequestUnit;
import org.fewstep.actors.loader.UnitReady;
import org.fewstep.model.objective.UnitStatistics;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.TrainerMessage.Admitted;
import org.fewstep.protocol.TrainerMessage.PushAck;
import org.fewstep.protocol.TrainerMessage.Refused;
import org.fewstep.protocol.TrainerMessage.Snapshot;
import org.fewstep.protocol.UnitReport;
import org.fewstep.protocol.WireMessage;
import org.fewstep.protocol.bulk.BulkTransport;
import org.jspecify.annotations.Nullable;

/**
 * Owns one device. Takes a unit, brings the parameters of the unit's version if it has others,
 * computes the gradient, pushes it, and asks for the next unit. The gradient of one unit is one
 * message, so the actor can be stopped between any two.
 *
 * <p>Everything runs on one thread for life, because a device belongs to a thread: the actor must
 * be spawned on a pinned dispatcher, and fails when it notices another thread.
 */
public final class Trainer extends AbstractBehavior<TrainerMessage> {
  /** Pushes that may be without an answer while the next unit is computed. */
  private static final int UNANSWERED_PUSHES = 2;

  private static final int FETCH_ATTEMPTS = 3;

  private static final double SECONDS_PER_NANO = 1e-9;

  /** A push may get lost, and then nobody ever releases its gradient. */
  private static final Duration GRADIENT_TIME_TO_LIVE = Duration.ofMinutes(10);

  private final Identity identity;
  private final Supplier<Learner> learners;
  private final Peers peers;
  private final Set<Long> unanswered = new HashSet<>();

  private @Nullable Thread thread;
  private @Nullable Learner learner;
  private @Nullable UnitReady unit;
  private long loadedVersion = -1;
  private long epoch;
  private long round;
  private int fetchAttempts;
  private long unitEndNanos;
  private long requestNanos;
  private long idleNanos;
  private long dataNanos;

  /**
   * Who a trainer is.
   *
   * @param name the same over its restarts
   * @param incarnation counts its lives from 1
   * @param modelHash of what it trains
   * @param dataFingerprint of the data set its units come from
   */
  public record Identity(String name, long incarnation, String modelHash, String dataFingerprint) {}

  /**
   * Whom a trainer talks to, and how.
   *
   * @param loader on the trainer's own node
   * @param codec how gradients travel
   */
  public record Peers(
      ActorRef<CoordinatorMessage> coordinator,
      ActorRef<ServerMessage> server,
      ActorRef<LoaderMessage> loader,
      BulkTransport transport,
      TensorCodec codec) {}

  private record Prepare() implements TrainerMessage.Local {}

  private record Step() implements TrainerMessage.Local {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Fetched(
      Snapshot snapshot, float @Nullable [] parameters, @Nullable Throwable failure)
      implements TrainerMessage.Local {}

  /**
   * A trainer, to be spawned on a pinned dispatcher.
   *
   * @param learners is asked once, on the trainer's thread
   */
  public static Behavior<TrainerMessage> create(
      Identity identity, Supplier<Learner> learners, Peers peers) {
    return Behaviors.setup(
        context -> {
          context.getSelf().tell(new Prepare());
          return new Trainer(context, identity, learners, peers);
        });
  }

  private Trainer(
      ActorContext<TrainerMessage> context,
      Identity identity,
      Supplier<Learner> learners,
      Peers peers) {
    super(context);
    this.identity = identity;
    this.learners = learners;
    this.peers = peers;
  }

  @Override
  public Receive<TrainerMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(Prepare.class, prepare -> onPrepare())
        .onMessage(Admitted.class, this::onAdmitted)
        .onMessage(Refused.class, this::onRefused)
        .onMessage(UnitReady.class, this::onUnitReady)
        .onMessage(Snapshot.class, this::onSnapshot)
        .onMessage(Fetched.class, this::onFetched)
        .onMessage(Step.class, step -> onStep())
        .onMessage(PushAck.class, this::onPushAck)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<TrainerMessage> onPrepare() throws Exception {
    thread = Thread.currentThread();
    learner = Failures.shielded(learners::get);
    peers
        .coordinator()
        .tell(
            new CoordinatorMessage.Join(
                identity.name(),
                identity.incarnation(),
                WireMessage.PROTOCOL_VERSION,
                identity.modelHash(),
                identity.dataFingerprint(),
                getContext().getSelf()));
    return this;
  }

  private Behavior<TrainerMessage> onAdmitted(Admitted admitted) {
    epoch = admitted.epoch();
    unitEndNanos = System.nanoTime();
    requestUnit();
    return this;
  }

  private Behavior<TrainerMessage> onRefused(Refused refused) {
    throw new AdmissionException(refused.reason());
  }

  private void requestUnit() {
    unit = null;
    fetchAttempts = 0;
    requestNanos = System.nanoTime();
    peers.loader().tell(new RequestUnit(getContext().getSelf()));
  }

  private Behavior<TrainerMessage> onUnitReady(UnitReady ready) {
    unit = ready;
    idleNanos += System.nanoTime() - requestNanos;
    dataNanos += ready.waitedNanos();
    if (ready.baseVersion() == loadedVersion) {
      getContext().getSelf().tell(new Step());
    } else {
      pull();
    }
    return this;
  }

  private void pull() {
    long version = currentUnit().baseVersion();
    peers.server().tell(new ServerMessage.PullSnapshot(version, getContext().getSelf()));
  }

  private Behavior<TrainerMessage> onSnapshot(Snapshot snapshot) {
    if (snapshot.version() > currentUnit().baseVersion()) {
      // Somebody else computed the unit meanwhile: its update has been applied.
      requestUnit();
      return this;
    }
    getContext()
        .pipeToSelf(
            peers.transport().fetch(snapshot.parameters()),
            (parameters, failure) -> new Fetched(snapshot, parameters, failure));
    return this;
  }

  private Behavior<TrainerMessage> onFetched(Fetched fetched) throws Exception {
    float[] parameters = fetched.parameters();
    if (parameters == null) {
      if (++fetchAttempts == FETCH_ATTEMPTS) {
        throw Failures.asException(fetched.failure());
      }
      pull();
      return this;
    }
    Learner device = device();
    Failures.shielded(
        () -> {
          device.load(parameters);
          return device;
        });
    loadedVersion = fetched.snapshot().version();
    epoch = fetched.snapshot().epoch();
    getContext().getSelf().tell(new Step());
    return this;
  }

  private Behavior<TrainerMessage> onStep() throws Exception {
    UnitReady current = currentUnit();
    Learner device = device();
    // The array is handed over to the transport, so each unit needs another one.
    float[] gradient = new float[device.parameters()];
    long forwardBefore = device.forwardNanos();
    long backwardBefore = device.backwardNanos();
    long start = System.nanoTime();
    UnitStatistics statistics = Failures.shielded(() -> device.evaluate(current.unit(), gradient));
    long computeNanos = System.nanoTime() - start;
    double gradientNorm = Norms.euclidean(gradient);
    long end = System.nanoTime();
    UnitReport report =
        new UnitReport(
            statistics.loss(),
            statistics.modelKernel(),
            statistics.targetKernel(),
            statistics.crossKernel(),
            gradientNorm,
            computeNanos * SECONDS_PER_NANO,
            (end - unitEndNanos - computeNanos) * SECONDS_PER_NANO,
            (device.forwardNanos() - forwardBefore) * SECONDS_PER_NANO,
            (device.backwardNanos() - backwardBefore) * SECONDS_PER_NANO,
            idleNanos * SECONDS_PER_NANO,
            dataNanos * SECONDS_PER_NANO);
    unitEndNanos = end;
    idleNanos = 0;
    dataNanos = 0;

    round++;
    unanswered.add(round);
    TensorTicket ticket = peers.transport().offer(gradient, peers.codec(), GRADIENT_TIME_TO_LIVE);
    peers
        .server()
        .tell(
            new ServerMessage.Push(
                new PushId(identity.name(), identity.incarnation(), round),
                epoch,
                current.unit().index(),
                loadedVersion,
                current.unit().count(),
                report,
                ticket,
                getContext().getSelf()));
    unit = null;
    if (unanswered.size() < UNANSWERED_PUSHES) {
      requestUnit();
    }
    return this;
  }

  private Behavior<TrainerMessage> onPushAck(PushAck ack) {
    boolean blocked = unanswered.size() == UNANSWERED_PUSHES;
    if (unanswered.remove(ack.round()) && blocked) {
      requestUnit();
    }
    return this;
  }

  private Behavior<TrainerMessage> onPostStop() {
    if (learner != null) {
      device().close();
    }
    return this;
  }

  private Learner device() {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "trainer %s lives on thread %s but was run on %s"
              .formatted(identity.name(), thread, Thread.currentThread()));
    }
    return Objects.requireNonNull(learner);
  }

  private UnitReady currentUnit() {
    return Objects.requireNonNull(unit, "no unit in hand");
  }
}
