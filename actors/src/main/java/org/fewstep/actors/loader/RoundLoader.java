package org.fewstep.actors.loader;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.fewstep.actors.Failures;
import org.fewstep.model.data.Unit;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.LoaderMessage.LeaseGranted;
import org.fewstep.protocol.LoaderMessage.VersionPublished;
import org.fewstep.protocol.TrainerMessage;
import org.jspecify.annotations.Nullable;

/**
 * Reads units for one trainer that takes local steps: each lease is a round, whose units it hands
 * out in their order, a few read ahead. A round whose trainer is lost begins anew with the next
 * trainer, since nobody knows how far the lost one had come.
 */
public final class RoundLoader extends AbstractBehavior<LoaderMessage> {
  /** A message may get lost: who has not answered between two of these is asked again. */
  private static final Duration ASK_AGAIN = Duration.ofSeconds(20);

  private final String name;
  private final UnitSource source;
  private final int readyUnits;
  private final ActorRef<CoordinatorMessage> coordinator;
  private final Executor blocking;

  private final Deque<Unit> ready = new ArrayDeque<>();
  private @Nullable LeaseGranted round;
  private @Nullable LeaseGranted nextRound;
  private @Nullable ActorRef<TrainerMessage> owner;
  private @Nullable ActorRef<TrainerMessage> waiting;
  private long waitingSinceNanos;
  private long leasedNanos = System.nanoTime();
  private long nextToRead;
  private long nextToHandOut;
  private int reads;
  private boolean reading;
  private boolean asking;
  private boolean askedLong;

  /** Time has passed. */
  record AskAgain() implements LoaderMessage.Local {}

  private record UnitRead(int number, @Nullable Unit unit, @Nullable Throwable failure)
      implements LoaderMessage.Local {}

  private record TrainerGone(ActorRef<TrainerMessage> trainer) implements LoaderMessage.Local {}

  /**
   * A loader for one trainer.
   *
   * @param name unlike any other loader's
   * @param source is read from one thread at a time, on the dispatcher for blocking work
   * @param readyUnits units to hold read and ready
   */
  public static Behavior<LoaderMessage> create(
      String name, UnitSource source, int readyUnits, ActorRef<CoordinatorMessage> coordinator) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(new AskAgain(), ASK_AGAIN);
                  return new RoundLoader(context, name, source, readyUnits, coordinator);
                }));
  }

  private RoundLoader(
      ActorContext<LoaderMessage> context,
      String name,
      UnitSource source,
      int readyUnits,
      ActorRef<CoordinatorMessage> coordinator) {
    super(context);
    this.name = name;
    this.source = source;
    this.readyUnits = readyUnits;
    this.coordinator = coordinator;
    this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
  }

  @Override
  public Receive<LoaderMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(LeaseGranted.class, this::onLeaseGranted)
        .onMessage(VersionPublished.class, published -> this)
        .onMessage(RequestUnit.class, this::onRequestUnit)
        .onMessage(UnitRead.class, this::onUnitRead)
        .onMessage(TrainerGone.class, this::onTrainerGone)
        .onMessage(AskAgain.class, again -> onAskAgain())
        .build();
  }

  private Behavior<LoaderMessage> onRequestUnit(RequestUnit request) {
    ActorRef<TrainerMessage> trainer = request.replyTo();
    if (!trainer.equals(owner)) {
      owner = trainer;
      getContext().watchWith(trainer, new TrainerGone(trainer));
      beginAnew();
    }
    if (round != null && nextToHandOut == behind(round)) {
      round = null;
    }
    waiting = trainer;
    waitingSinceNanos = System.nanoTime();
    return work();
  }

  private Behavior<LoaderMessage> onTrainerGone(TrainerGone gone) {
    if (gone.trainer().equals(waiting)) {
      waiting = null;
    }
    return this;
  }

  private Behavior<LoaderMessage> onLeaseGranted(LeaseGranted lease) {
    asking = false;
    if (round == null) {
      begin(lease);
    } else if (lease.firstUnit() != round.firstUnit()) {
      nextRound = lease; // an answer that came late, after the question was asked again
    }
    return work();
  }

  private void begin(LeaseGranted lease) {
    round = lease;
    leasedNanos = System.nanoTime();
    beginAnew();
  }

  private void beginAnew() {
    ready.clear();
    reads++;
    reading = false;
    if (round != null) {
      nextToRead = round.firstUnit();
      nextToHandOut = round.firstUnit();
    }
  }

  private static long behind(LeaseGranted lease) {
    return lease.firstUnit() + lease.units();
  }

  private Behavior<LoaderMessage> onUnitRead(UnitRead read) throws Exception {
    if (read.unit() == null) {
      throw Failures.asException(read.failure());
    }
    if (read.number() == reads) {
      reading = false;
      ready.addLast(read.unit());
    }
    return work();
  }

  private Behavior<LoaderMessage> work() {
    if (round == null && nextRound != null) {
      LeaseGranted lease = nextRound;
      nextRound = null;
      begin(lease);
    }
    if (round == null) {
      askForLease();
      return this;
    }
    if (waiting != null && !ready.isEmpty()) {
      Unit unit = ready.removeFirst();
      nextToHandOut = unit.index() + 1;
      waiting.tell(
          new UnitReady(
              unit,
              LeaseGranted.ANY_VERSION,
              0,
              System.nanoTime() - Math.max(waitingSinceNanos, leasedNanos),
              (int) (behind(round) - nextToHandOut)));
      waiting = null;
    }
    if (!reading && ready.size() < readyUnits && nextToRead < behind(round)) {
      reading = true;
      long unit = nextToRead++;
      int number = ++reads;
      getContext()
          .pipeToSelf(
              CompletableFuture.supplyAsync(() -> source.read(unit), blocking),
              (read, failure) -> new UnitRead(number, read, failure));
    }
    return this;
  }

  private void askForLease() {
    if (!asking && waiting != null) {
      asking = true;
      askedLong = false;
      ask();
    }
  }

  private void ask() {
    coordinator.tell(new CoordinatorMessage.RequestLease(name, 1, getContext().getSelf()));
  }

  private Behavior<LoaderMessage> onAskAgain() {
    if (asking && askedLong) {
      ask();
    }
    askedLong = true;
    return this;
  }
}
