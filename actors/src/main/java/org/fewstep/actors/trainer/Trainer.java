package org.fewstep.actors.trainer;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.fewstep.actors.Failures;
import org.fewstep.actors.Norms;
import org.fewstep.actors.loader.RequestUnit;
import org.fewstep.actors.loader.UnitReady;
import org.fewstep.model.objective.UnitStatistics;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.LoaderMessage.LeaseGranted;
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
import org.fewstep.protocol.Verdict;
import org.fewstep.protocol.WireMessage;
import org.fewstep.protocol.bulk.BulkTransport;
import org.jspecify.annotations.Nullable;

/**
 * Owns one device. Takes a unit, brings the parameters of the unit's version if it has others,
 * computes the gradient, pushes it, and asks for the next unit. The gradient of one unit is one
 * message, so the actor can be stopped between any two.
 *
 * <p>Where units are computed a version behind, the next version is there, or soon will be, when a
 * unit is begun: the trainer asks for it then, it comes while the unit is computed, and is at hand
 * for the next one.
 *
 * <p>Units that may be computed at any version are computed at the newest that was served when the
 * unit before was done: the trainer asks for it before it pushes, so that it neither waits for the
 * push to be applied nor for anybody else. With local steps, a round of units is computed at
 * parameters of the trainer's own, which begin with those that its previous round became part of,
 * and one push covers the round.
 *
 * <p>Whatever it asks of another node it asks again and again until there is an answer, for either
 * may get lost on its way; what was asked twice is done once (PUSH-1).
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

  /** After which a question is asked again. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Identity identity;
  private final Work work;
  private final Peers peers;
  private final Duration patience;
  private final TimerScheduler<TrainerMessage> timers;
  private final Map<Long, Unanswered> unanswered = new HashMap<>();

  private @Nullable Thread thread;
  private @Nullable Learner learner;
  private @Nullable UnitReady unit;
  private @Nullable LocalRound local;

  /** From when other parameters are wanted until they are there. */
  private boolean admitted;

  private boolean pulling;

  /** From when they are asked for until the server answers. */
  private boolean asking;

  /** What the unit after the present one will probably need. */
  private @Nullable Ahead ahead;

  private long loadedVersion = -1;
  private long epoch;
  private long round;
  private int fetchAttempts;
  private long pulledVersion;
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
   * @param device what it computes on, for people
   */
  public record Identity(
      String name, long incarnation, String modelHash, String dataFingerprint, String device) {}

  /**
   * Whom a trainer talks to, and how.
   *
   * @param loader on the trainer's own node
   * @param codec how pushes travel
   */
  public record Peers(
      ActorRef<CoordinatorMessage> coordinator,
      ActorRef<ServerMessage> server,
      ActorRef<LoaderMessage> loader,
      BulkTransport transport,
      TensorCodec codec) {}

  /**
   * What a trainer computes with; each is made on the trainer's thread.
   *
   * @param learner is asked once
   * @param localRound is asked once, and again when a round has spoilt the optimiser's state; null
   *     for a trainer that pushes gradients
   */
  public record Work(
      Supplier<? extends Learner> learner, @Nullable Supplier<LocalRound> localRound) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Unanswered(ServerMessage.Push push, float[] tensor, long offeredNanos) {}

  private record PushAgain(long round) implements TrainerMessage.Local {}

  private record PullAgain() implements TrainerMessage.Local {}

  private record JoinAgain() implements TrainerMessage.Local {}

  /** The trainer begins nothing any more, and ends once everything it pushed is answered. */
  public record Drain() implements TrainerMessage.Local {}

  private record Prepare() implements TrainerMessage.Local {}

  private record Step() implements TrainerMessage.Local {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Fetched(
      Snapshot snapshot, float @Nullable [] parameters, @Nullable Throwable failure)
      implements TrainerMessage.Local {}

  /** Parameters of a version that were asked for before they are needed. */
  private record Ahead(long version, CompletionStage<Fetched> parameters) {}

  private record PullNow() implements TrainerMessage.Local {}

  /**
   * A trainer that pushes gradients, to be spawned on a pinned dispatcher.
   *
   * @param learners is asked once, on the trainer's thread
   */
  public static Behavior<TrainerMessage> create(
      Identity identity, Supplier<? extends Learner> learners, Peers peers) {
    return create(identity, new Work(learners, null), peers);
  }

  /** A trainer, to be spawned on a pinned dispatcher. */
  public static Behavior<TrainerMessage> create(Identity identity, Work work, Peers peers) {
    return create(identity, work, peers, PATIENCE);
  }

  static Behavior<TrainerMessage> create(
      Identity identity, Work work, Peers peers, Duration patience) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  context.getSelf().tell(new Prepare());
                  return new Trainer(context, timers, identity, work, peers, patience);
                }));
  }

  private Trainer(
      ActorContext<TrainerMessage> context,
      TimerScheduler<TrainerMessage> timers,
      Identity identity,
      Work work,
      Peers peers,
      Duration patience) {
    super(context);
    this.timers = timers;
    this.patience = patience;
    this.identity = identity;
    this.work = work;
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
        .onMessage(PullNow.class, now -> onPullNow())
        .onMessage(Step.class, step -> onStep())
        .onMessage(PushAck.class, this::onPushAck)
        .onMessage(PushAgain.class, this::onPushAgain)
        .onMessage(PullAgain.class, again -> onPullAgain())
        .onMessage(JoinAgain.class, again -> onJoinAgain())
        .onMessage(Drain.class, drain -> onDrain())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<TrainerMessage> onPrepare() throws Exception {
    thread = Thread.currentThread();
    learner = Failures.shielded(work.learner()::get);
    renewLocal();
    join();
    return this;
  }

  /** Asks to be admitted, and again while nobody answers. */
  private void join() {
    peers
        .coordinator()
        .tell(
            new CoordinatorMessage.Join(
                identity.name(),
                identity.incarnation(),
                WireMessage.PROTOCOL_VERSION,
                identity.modelHash(),
                identity.dataFingerprint(),
                identity.device(),
                getContext().getSelf()));
    timers.startSingleTimer(JoinAgain.class, new JoinAgain(), patience);
  }

  private void renewLocal() throws Exception {
    Supplier<LocalRound> rounds = work.localRound();
    local = rounds == null ? null : Failures.shielded(rounds::get);
  }

  private Behavior<TrainerMessage> onJoinAgain() {
    join();
    return this;
  }

  private Behavior<TrainerMessage> onAdmitted(Admitted admission) {
    if (admitted) {
      return this;
    }
    admitted = true;
    timers.cancel(JoinAgain.class);
    epoch = admission.epoch();
    unitEndNanos = System.nanoTime();
    requestUnit();
    return this;
  }

  private Behavior<TrainerMessage> onRefused(Refused refused) {
    throw new AdmissionException(refused.reason());
  }

  private void requestUnit() {
    unit = null;
    requestNanos = System.nanoTime();
    peers.loader().tell(new RequestUnit(getContext().getSelf()));
  }

  private Behavior<TrainerMessage> onUnitReady(UnitReady ready) {
    unit = ready;
    idleNanos += System.nanoTime() - requestNanos;
    dataNanos += ready.waitedNanos();
    boolean free = ready.baseVersion() == LeaseGranted.ANY_VERSION;
    if (free ? loadedVersion < 0 : ready.baseVersion() != loadedVersion) {
      take(Math.max(0, ready.baseVersion()));
    }
    begin();
    return this;
  }

  /** Steps, once there are both a unit and the parameters for it. */
  private void begin() {
    if (unit != null && !pulling) {
      getContext().getSelf().tell(new Step());
    }
  }

  /** Brings a version: the one that is on its way if it is that, else one that is asked for now. */
  private void take(long version) {
    Ahead next = ahead;
    if (next == null || next.version() != version) {
      pull(version);
      return;
    }
    ahead = null;
    pulling = true;
    pulledVersion = version;
    getContext()
        .pipeToSelf(
            next.parameters(),
            (fetched, failure) ->
                failure == null && fetched.snapshot().version() == version
                    ? fetched
                    : new PullNow());
  }

  private Behavior<TrainerMessage> onPullNow() {
    pull(pulledVersion);
    return this;
  }

  private void pull(long minVersion) {
    pulling = true;
    fetchAttempts = 0;
    pulledVersion = minVersion;
    pullAgain();
  }

  private void pullAgain() {
    asking = true;
    timers.startTimerWithFixedDelay(PullAgain.class, new PullAgain(), patience);
    onPullAgain();
  }

  private Behavior<TrainerMessage> onPullAgain() {
    if (asking) {
      peers.server().tell(new ServerMessage.PullSnapshot(pulledVersion, getContext().getSelf()));
    }
    return this;
  }

  private Behavior<TrainerMessage> onSnapshot(Snapshot snapshot) {
    boolean gone = unit != null && unit.isGone(snapshot.version());
    if (!asking || (!gone && !isWanted(snapshot))) {
      return this; // the second answer to a question that was asked twice
    }
    asking = false;
    timers.cancel(PullAgain.class);
    if (gone) { // somebody else computed the unit meanwhile, and its update has been made
      pulling = false;
      requestUnit();
      return this;
    }
    if (snapshot.version() == loadedVersion && snapshot.epoch() == epoch && local == null) {
      pulling = false;
      begin();
      return this;
    }
    getContext()
        .pipeToSelf(
            peers.transport().fetch(snapshot.parameters()),
            (parameters, failure) -> new Fetched(snapshot, parameters, failure));
    return this;
  }

  private boolean isWanted(Snapshot snapshot) {
    if (unit != null && unit.baseVersion() != LeaseGranted.ANY_VERSION) {
      return snapshot.version() == unit.baseVersion();
    }
    return snapshot.version() >= pulledVersion
        && (snapshot.epoch() != epoch || snapshot.version() >= loadedVersion);
  }

  private Behavior<TrainerMessage> onFetched(Fetched fetched) throws Exception {
    float[] parameters = fetched.parameters();
    if (parameters == null) {
      if (++fetchAttempts == FETCH_ATTEMPTS) {
        throw Failures.asException(fetched.failure());
      }
      pullAgain();
      return this;
    }
    load(parameters);
    loadedVersion = fetched.snapshot().version();
    epoch = fetched.snapshot().epoch();
    if (local != null) {
      local.begin(parameters, fetched.snapshot().images());
    }
    pulling = false;
    begin();
    return this;
  }

  /** Has the next version come from now on, on other threads, for this one is about to compute. */
  private void askAhead(UnitReady current) {
    long next = current.baseVersion() + 1;
    if (current.delay() == 0 || (ahead != null && ahead.version() >= next)) {
      return;
    }
    CompletionStage<TrainerMessage> asked =
        AskPattern.ask(
            peers.server(),
            replyTo -> new ServerMessage.PullSnapshot(next, replyTo),
            patience,
            getContext().getSystem().scheduler());
    ahead = new Ahead(next, asked.thenCompose(reply -> fetch((Snapshot) reply)));
  }

  private CompletionStage<Fetched> fetch(Snapshot snapshot) {
    return peers
        .transport()
        .fetch(snapshot.parameters())
        .thenApply(parameters -> new Fetched(snapshot, parameters, null));
  }

  private void load(float[] parameters) throws Exception {
    Learner device = device();
    Failures.shielded(
        () -> {
          device.load(parameters);
          return device;
        });
  }

  private Behavior<TrainerMessage> onStep() throws Exception {
    UnitReady current = currentUnit();
    askAhead(current);
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

    if (local != null) {
      stepLocally(local, current, gradient, report);
    } else {
      if (current.baseVersion() == LeaseGranted.ANY_VERSION) {
        pull(0);
      }
      push(current.unit().index(), current.unit().count(), report, gradient);
    }
    unit = null;
    if (unanswered.size() < UNANSWERED_PUSHES) {
      requestUnit();
    }
    return this;
  }

  private void stepLocally(
      LocalRound rounds, UnitReady current, float[] gradient, UnitReport report) throws Exception {
    boolean stepped = rounds.add(current.unit(), gradient, report);
    if (stepped && current.unitsLeft() > 0) {
      load(rounds.parameters());
    }
    if (current.unitsLeft() == 0) {
      // The next round begins where the server takes this one: it is asked once it has decided.
      pulling = true;
      push(rounds.firstUnit(), rounds.images(), rounds.report(), rounds.difference());
    }
  }

  private void push(long firstUnit, int images, UnitReport report, float[] tensor) {
    round++;
    timers.startTimerWithFixedDelay(round, new PushAgain(round), patience);
    tell(
        new ServerMessage.Push(
            new PushId(identity.name(), identity.incarnation(), round),
            epoch,
            firstUnit,
            loadedVersion,
            images,
            report,
            offer(tensor),
            getContext().getSelf()),
        tensor);
  }

  private TensorTicket offer(float[] tensor) {
    return peers.transport().offer(tensor, peers.codec(), GRADIENT_TIME_TO_LIVE);
  }

  private void tell(ServerMessage.Push push, float[] tensor) {
    unanswered.put(push.push().round(), new Unanswered(push, tensor, System.nanoTime()));
    peers.server().tell(push);
  }

  private Behavior<TrainerMessage> onPushAgain(PushAgain again) {
    Unanswered one = unanswered.get(again.round());
    if (one == null) {
      return this;
    }
    if (System.nanoTime() - one.offeredNanos() < GRADIENT_TIME_TO_LIVE.toNanos() / 2) {
      peers.server().tell(one.push());
    } else {
      peers.transport().release(one.push().gradient());
      ServerMessage.Push push = one.push();
      tell(
          new ServerMessage.Push(
              push.push(),
              push.epoch(),
              push.unit(),
              push.baseVersion(),
              push.images(),
              push.report(),
              offer(one.tensor()),
              push.replyTo()),
          one.tensor());
    }
    return this;
  }

  private Behavior<TrainerMessage> onPushAck(PushAck ack) throws Exception {
    boolean blocked = unanswered.size() == UNANSWERED_PUSHES;
    if (unanswered.remove(ack.round()) == null) {
      return this;
    }
    timers.cancel(ack.round());
    if (local != null) {
      if (ack.verdict() == Verdict.NOT_FINITE) {
        renewLocal();
      }
      pull(ack.nextVersion());
    } else if (blocked) {
      requestUnit();
    }
    return this;
  }

  private Behavior<TrainerMessage> onDrain() {
    return unanswered.isEmpty() ? Behaviors.stopped() : draining();
  }

  /** Waits for answers; whatever else comes belongs to work that is not begun. */
  private Behavior<TrainerMessage> draining() {
    return newReceiveBuilder()
        .onMessage(
            PushAck.class,
            ack -> {
              unanswered.remove(ack.round());
              timers.cancel(ack.round());
              return unanswered.isEmpty() ? Behaviors.stopped() : Behaviors.same();
            })
        .onMessage(
            PushAgain.class,
            again -> {
              onPushAgain(again);
              return Behaviors.same();
            })
        .onAnyMessage(other -> Behaviors.same())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
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
