package org.fewstep.actors.loader;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
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
 * Reads units for the trainers of its node, a few ahead of them, and hands the lowest one to
 * whoever asks first, but none before the version it is to be computed at is there to be pulled: a
 * trainer that held one would wait for others while a lower unit might wait for it.
 *
 * <p>A unit stays in its trainer's hand until the trainer asks for another one; the unit of a
 * trainer that dies goes to the next.
 */
public final class DataLoader extends AbstractBehavior<LoaderMessage> {
  /** A message may get lost: who has not answered between two of these is asked again. */
  private static final Duration ASK_AGAIN = Duration.ofSeconds(20);

  private final String name;
  private final UnitSource source;
  private final int readyUnits;
  private final ActorRef<CoordinatorMessage> coordinator;
  private final Executor blocking;

  private final TreeMap<Long, LeaseGranted> toRead = new TreeMap<>();
  private final TreeMap<Long, UnitReady> ready = new TreeMap<>();
  private final Map<ActorRef<TrainerMessage>, UnitReady> inHand = new HashMap<>();
  private final Deque<ActorRef<TrainerMessage>> waiting = new ArrayDeque<>();
  private final Map<ActorRef<TrainerMessage>, Long> waitingSinceNanos = new HashMap<>();
  private long publishedVersion = -1;
  private long publishedNanos = System.nanoTime();
  private boolean reading;
  private int asking;
  private boolean askedLong;

  /** Time has passed. */
  record AskAgain() implements LoaderMessage.Local {}

  private record UnitRead(LeaseGranted lease, @Nullable Unit unit, @Nullable Throwable failure)
      implements LoaderMessage.Local {}

  private record TrainerGone(ActorRef<TrainerMessage> trainer) implements LoaderMessage.Local {}

  /**
   * A loader for one node.
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
                  return new DataLoader(context, name, source, readyUnits, coordinator);
                }));
  }

  private DataLoader(
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
    work();
  }

  @Override
  public Receive<LoaderMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(LeaseGranted.class, this::onLeaseGranted)
        .onMessage(VersionPublished.class, this::onVersionPublished)
        .onMessage(RequestUnit.class, this::onRequestUnit)
        .onMessage(UnitRead.class, this::onUnitRead)
        .onMessage(TrainerGone.class, this::onTrainerGone)
        .onMessage(AskAgain.class, again -> onAskAgain())
        .build();
  }

  private Behavior<LoaderMessage> onLeaseGranted(LeaseGranted lease) {
    asking = 0;
    noticeVersion(lease.publishedVersion());
    for (long unit = lease.firstUnit(); unit < lease.firstUnit() + lease.units(); unit++) {
      if (!ready.containsKey(unit)) {
        toRead.put(unit, lease);
      }
    }
    return work();
  }

  private Behavior<LoaderMessage> onVersionPublished(VersionPublished published) {
    noticeVersion(published.version());
    ready.values().removeIf(unit -> unit.isGone(publishedVersion));
    toRead.values().removeIf(this::isGone);
    return work();
  }

  /** Whether the update of a lease's units has been made. */
  private boolean isGone(LeaseGranted lease) {
    return lease.baseVersion() != LeaseGranted.ANY_VERSION
        && lease.baseVersion() + lease.delay() < publishedVersion;
  }

  private void noticeVersion(long version) {
    if (version > publishedVersion) {
      publishedVersion = version;
      publishedNanos = System.nanoTime();
    }
  }

  private Behavior<LoaderMessage> onRequestUnit(RequestUnit request) {
    ActorRef<TrainerMessage> trainer = request.replyTo();
    getContext().watchWith(trainer, new TrainerGone(trainer));
    inHand.remove(trainer);
    if (!waiting.contains(trainer)) {
      waiting.addLast(trainer);
      waitingSinceNanos.put(trainer, System.nanoTime());
    }
    return work();
  }

  private Behavior<LoaderMessage> onTrainerGone(TrainerGone gone) {
    waiting.remove(gone.trainer());
    waitingSinceNanos.remove(gone.trainer());
    UnitReady left = inHand.remove(gone.trainer());
    if (left != null && !left.isGone(publishedVersion)) {
      ready.put(left.unit().index(), left);
    }
    return work();
  }

  private Behavior<LoaderMessage> onUnitRead(UnitRead read) throws Exception {
    reading = false;
    if (read.unit() == null) {
      throw Failures.asException(read.failure());
    }
    LeaseGranted lease = read.lease();
    if (!isGone(lease)) {
      ready.put(
          read.unit().index(),
          new UnitReady(read.unit(), lease.baseVersion(), lease.delay(), 0, 0));
    }
    return work();
  }

  private Behavior<LoaderMessage> work() {
    handOut();
    readNext();
    askForLease();
    return this;
  }

  private void handOut() {
    while (!waiting.isEmpty()
        && !ready.isEmpty()
        && ready.firstEntry().getValue().baseVersion() <= publishedVersion) {
      UnitReady unit = ready.pollFirstEntry().getValue();
      ActorRef<TrainerMessage> trainer = waiting.removeFirst();
      inHand.put(trainer, unit);
      trainer.tell(
          new UnitReady(
              unit.unit(),
              unit.baseVersion(),
              unit.delay(),
              waitedNanos(trainer, unit.baseVersion()),
              0));
    }
  }

  /** Before the version was there, the trainer waited for that and not for the unit. */
  private long waitedNanos(ActorRef<TrainerMessage> trainer, long baseVersion) {
    long now = System.nanoTime();
    Long since = waitingSinceNanos.remove(trainer);
    if (since == null) {
      return 0;
    }
    return baseVersion == publishedVersion
        ? Math.min(now - since, now - publishedNanos)
        : now - since;
  }

  private void readNext() {
    Map.Entry<Long, LeaseGranted> next = toRead.firstEntry();
    if (reading || next == null) {
      return;
    }
    toRead.remove(next.getKey());
    reading = true;
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> source.read(next.getKey()), blocking),
            (unit, failure) -> new UnitRead(next.getValue(), unit, failure));
  }

  /**
   * Asks for what is missing to a full shelf. A full shelf does not stop waiting trainers from
   * asking for units of the present version: one of those may just have been given back by somebody
   * else.
   */
  private void askForLease() {
    int held = ready.size() + toRead.size() + (reading ? 1 : 0);
    int idle = waiting.size() - computable();
    int wanted = Math.max(readyUnits - held, idle);
    if (asking > 0 || wanted < 1) {
      return;
    }
    askedLong = false;
    ask(wanted);
  }

  private void ask(int units) {
    asking = units;
    coordinator.tell(new CoordinatorMessage.RequestLease(name, units, getContext().getSelf()));
  }

  private Behavior<LoaderMessage> onAskAgain() {
    if (asking > 0 && askedLong) {
      ask(asking);
    }
    askedLong = true;
    return this;
  }

  /** Units on their way that a waiting trainer can have, or might. */
  private int computable() {
    int computable = reading ? 1 : 0;
    for (LeaseGranted lease : toRead.values()) {
      if (lease.baseVersion() <= publishedVersion) {
        computable++;
      }
    }
    return computable;
  }
}
