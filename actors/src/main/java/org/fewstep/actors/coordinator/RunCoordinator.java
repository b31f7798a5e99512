package org.fewstep.actors.coordinator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.fewstep.config.UserException;
import org.fewstep.model.metrics.ScoreJson;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.CoordinatorMessage.CheckpointFailed;
import org.fewstep.protocol.CoordinatorMessage.CheckpointWritten;
import org.fewstep.protocol.CoordinatorMessage.Join;
import org.fewstep.protocol.CoordinatorMessage.Published;
import org.fewstep.protocol.CoordinatorMessage.ReplaceSchedule;
import org.fewstep.protocol.CoordinatorMessage.RequestLease;
import org.fewstep.protocol.CoordinatorMessage.ScoresReady;
import org.fewstep.protocol.CoordinatorMessage.ServerReady;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.CoordinatorMessage.StopRun;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.LoaderMessage.LeaseGranted;
import org.fewstep.protocol.LoaderMessage.VersionPublished;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.UnitReport;
import org.fewstep.protocol.Verdict;
import org.fewstep.protocol.WireMessage;

/**
 * Runs a run: admits trainers, leases units to loaders, has the sequencer decide about every push,
 * reports, and knows when all is done.
 *
 * <p>Memory stays bounded because an update that is to be evaluated waits while {@value
 * #EVALUATIONS_UNDER_WAY} evaluations are under way, and one that is to be saved while a checkpoint
 * is being written.
 */
public final class RunCoordinator extends AbstractBehavior<CoordinatorMessage> {
  /** Copies of parameters that may wait for the evaluator. */
  private static final int EVALUATIONS_UNDER_WAY = 2;

  /** A gradient that is not finite is computed once more, in case it was the machine's fault. */
  private static final int TIMES_NOT_FINITE = 2;

  /** Updates that a run may leave out; a training that needs more of that has diverged. */
  private static final int LEFT_OUT_AT_MOST = 3;

  /** Loaders may read the units of the version after the one that is being computed. */
  private static final int UPDATES_LEASED_AHEAD = 2;

  /** Messages that may arrive before the parameter server does. */
  private static final int STASHED_MESSAGES = 10_000;

  private final Settings settings;
  private final RunListener listener;
  private final ActorRef<RunFinished> runFinished;
  private final ActorRef<ServerMessage> server;
  private final Sequencer sequencer;
  private final LeaseTable leases;
  private final TickMeter ticks;
  private final RateMeter rate;
  private final long startNanos = System.nanoTime();

  private final Map<String, Member> trainers = new HashMap<>();
  private final Map<String, RequestLease> waitingLoaders = new LinkedHashMap<>();
  private final Set<ActorRef<LoaderMessage>> loaders = new LinkedHashSet<>();
  private final Set<OwedEvaluation> evaluations = new HashSet<>();
  private final Set<Long> checkpoints = new HashSet<>();
  private List<UnitReport> decidedReports = List.of();
  private long publishedVersion;
  private long decidedNanos = startNanos;
  private boolean stopped;
  private boolean finished;

  /**
   * What a coordinator needs to know.
   *
   * @param epoch counts the lives of the parameters
   * @param leaseTimeout after which a unit is leased to somebody else
   * @param owed evaluations of earlier versions that the evaluator has been given
   */
  public record Settings(
      RunPlan plan,
      RunIdentity identity,
      EvaluationSchedule schedule,
      long epoch,
      Duration leaseTimeout,
      List<OwedEvaluation> owed) {}

  /** The run is over and everything it owed is there. */
  public record RunFinished(RunSummary summary) implements NoSerializationVerificationNeeded {}

  private record Member(long incarnation) {}

  private record TrainerGone(String trainer, long incarnation)
      implements CoordinatorMessage.Local {}

  private record LoaderGone(String loader, ActorRef<LoaderMessage> ref)
      implements CoordinatorMessage.Local {}

  private record ExpireLeases() implements CoordinatorMessage.Local {}

  /**
   * A coordinator that begins when a parameter server reports; what comes before that waits.
   *
   * @param listener is called from this actor's thread
   * @param runFinished is told once
   */
  public static Behavior<CoordinatorMessage> create(
      Settings settings, RunListener listener, ActorRef<RunFinished> runFinished) {
    return Behaviors.withStash(
        STASHED_MESSAGES,
        stash ->
            Behaviors.receive(CoordinatorMessage.class)
                .onMessage(
                    ServerReady.class,
                    ready ->
                        stash.unstashAll(
                            Behaviors.setup(
                                context ->
                                    Behaviors.withTimers(
                                        timers -> {
                                          timers.startTimerWithFixedDelay(
                                              new ExpireLeases(), settings.leaseTimeout());
                                          return new RunCoordinator(
                                              context, settings, listener, runFinished, ready);
                                        }))))
                .onAnyMessage(
                    message -> {
                      stash.stash(message);
                      return Behaviors.same();
                    })
                .build());
  }

  private RunCoordinator(
      ActorContext<CoordinatorMessage> context,
      Settings settings,
      RunListener listener,
      ActorRef<RunFinished> runFinished,
      ServerReady ready) {
    super(context);
    this.settings = settings;
    this.listener = listener;
    this.runFinished = runFinished;
    this.server = ready.server();
    if (ready.epoch() != settings.epoch()) {
      throw new IllegalStateException(
          "the parameter server lives in epoch %d, the run in %d"
              .formatted(ready.epoch(), settings.epoch()));
    }
    RunPlan plan = settings.plan();
    sequencer =
        new Sequencer(plan, settings.schedule(), settings.epoch(), ready.version(), ready.images());
    leases =
        new LeaseTable(
            ready.version() * plan.unitsPerUpdate(),
            sequencer.lastVersion() * plan.unitsPerUpdate(),
            plan.unitsPerUpdate());
    ticks = new TickMeter(plan.tickImages(), ready.images(), startNanos);
    rate = new RateMeter(ready.images(), startNanos);
    publishedVersion = ready.version();
    evaluations.addAll(settings.owed());
    openLeases();
    finishIfDone();
  }

  @Override
  public Receive<CoordinatorMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(Join.class, this::onJoin)
        .onMessage(RequestLease.class, this::onRequestLease)
        .onMessage(Staged.class, this::onStaged)
        .onMessage(Published.class, this::onPublished)
        .onMessage(CheckpointWritten.class, this::onCheckpointWritten)
        .onMessage(CheckpointFailed.class, this::onCheckpointFailed)
        .onMessage(ScoresReady.class, this::onScoresReady)
        .onMessage(ReplaceSchedule.class, this::onReplaceSchedule)
        .onMessage(StopRun.class, stop -> onStop())
        .onMessage(TrainerGone.class, this::onTrainerGone)
        .onMessage(LoaderGone.class, this::onLoaderGone)
        .onMessage(ExpireLeases.class, tick -> onExpireLeases())
        .build();
  }

  private Behavior<CoordinatorMessage> onJoin(Join join) {
    Optional<String> objection = objection(join);
    if (objection.isPresent()) {
      join.replyTo().tell(new TrainerMessage.Refused(objection.get()));
      return this;
    }
    trainers.put(join.trainer(), new Member(join.incarnation()));
    sequencer.admit(join.trainer(), join.incarnation());
    getContext().unwatch(join.replyTo());
    getContext().watchWith(join.replyTo(), new TrainerGone(join.trainer(), join.incarnation()));
    join.replyTo().tell(new TrainerMessage.Admitted(settings.epoch()));
    listener.onTrainerJoined(join.trainer(), join.incarnation());
    return this;
  }

  private Optional<String> objection(Join join) {
    if (join.protocolVersion() != WireMessage.PROTOCOL_VERSION) {
      return Optional.of(
          "trainer %s speaks protocol version %d, the run speaks %d"
              .formatted(join.trainer(), join.protocolVersion(), WireMessage.PROTOCOL_VERSION));
    }
    if (!join.modelHash().equals(settings.identity().modelHash())) {
      return Optional.of(
          "trainer %s trains model %s, the run trains %s"
              .formatted(join.trainer(), join.modelHash(), settings.identity().modelHash()));
    }
    if (!join.dataFingerprint().equals(settings.identity().dataFingerprint())) {
      return Optional.of(
          "trainer %s reads the data set with fingerprint %s, the run reads %s"
              .formatted(
                  join.trainer(), join.dataFingerprint(), settings.identity().dataFingerprint()));
    }
    Member known = trainers.get(join.trainer());
    if (known != null && known.incarnation() >= join.incarnation()) {
      return Optional.of(
          "trainer %s takes part in life %d, this is life %d"
              .formatted(join.trainer(), known.incarnation(), join.incarnation()));
    }
    return Optional.empty();
  }

  private Behavior<CoordinatorMessage> onTrainerGone(TrainerGone gone) {
    if (trainers.remove(gone.trainer(), new Member(gone.incarnation()))) {
      listener.onTrainerLeft(gone.trainer(), gone.incarnation());
    }
    return this;
  }

  private Behavior<CoordinatorMessage> onRequestLease(RequestLease request) {
    if (loaders.add(request.replyTo())) {
      getContext()
          .watchWith(request.replyTo(), new LoaderGone(request.loader(), request.replyTo()));
    }
    waitingLoaders.put(request.loader(), request);
    serveLeases();
    return this;
  }

  private Behavior<CoordinatorMessage> onLoaderGone(LoaderGone gone) {
    loaders.remove(gone.ref());
    waitingLoaders.remove(gone.loader());
    leases.giveBackAll(gone.loader());
    serveLeases();
    return this;
  }

  private Behavior<CoordinatorMessage> onExpireLeases() {
    int units = leases.expire(nowMillis());
    if (units > 0) {
      getContext().getLog().warn("{} units were not computed in time and are leased again", units);
    }
    serveLeases();
    return this;
  }

  private void openLeases() {
    leases.openUntil((publishedVersion + UPDATES_LEASED_AHEAD) * settings.plan().unitsPerUpdate());
  }

  private void serveLeases() {
    if (sequencer.isOver()) {
      return;
    }
    waitingLoaders.values().removeIf(this::granted);
  }

  private boolean granted(RequestLease request) {
    long validMillis = settings.leaseTimeout().toMillis();
    Optional<LeaseTable.Lease> lease =
        leases.lease(request.loader(), request.units(), nowMillis(), validMillis);
    lease.ifPresent(
        l ->
            request
                .replyTo()
                .tell(
                    new LeaseGranted(
                        l.id(),
                        l.firstUnit() / settings.plan().unitsPerUpdate(),
                        l.firstUnit(),
                        l.units(),
                        validMillis,
                        publishedVersion)));
    return lease.isPresent();
  }

  private Behavior<CoordinatorMessage> onStaged(Staged push) {
    Verdict verdict = sequencer.judge(push);
    server.tell(new ServerMessage.Judged(push.push(), verdict));
    if (verdict == Verdict.ACCEPTED) {
      leases.counted(push.unit());
      advance();
      return this;
    }
    if (verdict == Verdict.NOT_FINITE) {
      getContext()
          .getLog()
          .debug(
              "after {} images {} in unit {} is not finite",
              sequencer.images(),
              culprit(push),
              push.unit());
    } else if (verdict != Verdict.STALE) { // what a left-out update or another trainer overtook
      getContext()
          .getLog()
          .debug("push {} of unit {} was refused: {}", push.push(), push.unit(), verdict);
    }
    if (verdict == Verdict.NOT_FINITE
        && sequencer.timesNotFinite(push.unit()) >= TIMES_NOT_FINITE) {
      leaveOut(push);
      return this;
    }
    leases.giveBack(push.unit());
    serveLeases();
    return this;
  }

  private static String culprit(Staged push) {
    return push.notFinite().isEmpty() ? "the loss" : "the gradient of " + push.notFinite();
  }

  private void leaveOut(Staged push) {
    long images = sequencer.images();
    String culprit = culprit(push);
    if (sequencer.leftOut() == LEFT_OUT_AT_MOST) {
      throw new UserException(
          ("Training has diverged: after %d images %s in unit %d is not finite, and %d updates were"
                  + " left out already; lower optimizer.lr, or go on from an earlier checkpoint.")
              .formatted(images, culprit, push.unit(), LEFT_OUT_AT_MOST));
    }
    int units = settings.plan().unitsPerUpdate();
    long firstUnit = sequencer.version() * units;
    Sequencer.Update update = sequencer.leaveOut(push.unit());
    for (long unit = firstUnit; unit < firstUnit + units; unit++) {
      leases.counted(unit);
    }
    listener.onLeftOut(
        new LeftOut(
            images,
            push.unit(),
            culprit,
            update.decision().effect() == ServerMessage.Effect.GO_BACK,
            sequencer.leftOut(),
            LEFT_OUT_AT_MOST));
    tell(update);
  }

  /** Decides the coming version, unless a unit is missing or too much waits behind it. */
  private void advance() {
    if (!sequencer.isComplete()
        || (sequencer.nextIsEvaluated() && evaluations.size() >= EVALUATIONS_UNDER_WAY)
        || (sequencer.nextIsSaved() && !checkpoints.isEmpty())) {
      return;
    }
    sequencer.decide().ifPresent(this::tell);
  }

  private void tell(Sequencer.Update update) {
    ServerMessage.Decision decision = update.decision();
    decidedReports = update.reports();
    if (decision.checkpoint()) {
      checkpoints.add(decision.version());
    }
    if (decision.evaluation() != null) {
      for (String track : decision.evaluation().tracks()) {
        evaluations.add(new OwedEvaluation(decision.version(), track));
      }
    }
    decidedNanos = System.nanoTime();
    server.tell(decision);
  }

  private Behavior<CoordinatorMessage> onPublished(Published published) {
    publishedVersion = published.version();
    long now = System.nanoTime();
    ticks.add(decidedReports, published, (now - decidedNanos) * 1e-9 * trainers.size());
    double loss =
        decidedReports.stream().mapToDouble(UnitReport::loss).average().orElse(Double.NaN);
    listener.onProgress(
        new RunProgress(
            published.images(),
            settings.plan().totalImages(),
            published.version(),
            rate.imagesPerSecond(published.images(), now),
            loss));
    if (ticks.isDue()) {
      listener.onTick(ticks.tick(now, trainers.size()));
    }
    VersionPublished news = new VersionPublished(published.version(), published.images());
    loaders.forEach(loader -> loader.tell(news));
    openLeases();
    serveLeases();
    finishIfDone();
    return this;
  }

  private Behavior<CoordinatorMessage> onCheckpointWritten(CheckpointWritten written) {
    checkpoints.remove(written.version());
    listener.onCheckpoint(written.version(), written.images(), Path.of(written.path()));
    advance();
    finishIfDone();
    return this;
  }

  private Behavior<CoordinatorMessage> onCheckpointFailed(CheckpointFailed failed) {
    checkpoints.remove(failed.version());
    sequencer.saveFailed(failed.version());
    boolean last = sequencer.isOver() && failed.version() == sequencer.version();
    listener.onCheckpointFailed(failed.version(), failed.images(), failed.reason(), last);
    advance();
    finishIfDone();
    return this;
  }

  private Behavior<CoordinatorMessage> onScoresReady(ScoresReady ready) {
    evaluations.remove(new OwedEvaluation(ready.version(), ready.track()));
    listener.onScores(
        ready.version(),
        ready.images(),
        ready.track(),
        ready.scores().stream().map(ScoreJson::fromLine).toList());
    advance();
    finishIfDone();
    return this;
  }

  private Behavior<CoordinatorMessage> onReplaceSchedule(ReplaceSchedule replace) {
    replace
        .replyTo()
        .tell(sequencer.replaceSchedule(replace.expectedVersion(), replace.schedule()));
    return this;
  }

  private Behavior<CoordinatorMessage> onStop() {
    if (stopped || sequencer.isOver()) {
      return this;
    }
    stopped = true;
    if (sequencer.stop()) {
      checkpoints.add(sequencer.version());
      server.tell(new ServerMessage.WriteCheckpoint(sequencer.version()));
    }
    finishIfDone();
    return this;
  }

  private void finishIfDone() {
    boolean done =
        sequencer.isOver()
            && publishedVersion == sequencer.version()
            && checkpoints.isEmpty()
            && (stopped || evaluations.isEmpty());
    if (!done || finished) {
      return;
    }
    finished = true;
    long now = System.nanoTime();
    if (!ticks.isEmpty()) {
      listener.onTick(ticks.tick(now, trainers.size()));
    }
    runFinished.tell(
        new RunFinished(
            new RunSummary(
                sequencer.version(), sequencer.images(), (now - startNanos) * 1e-9, stopped)));
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
