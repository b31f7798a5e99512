package org.fewstep.actors.coordinator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.fewstep.actors.Failures;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.SampleImages;
import org.fewstep.actors.management.RunManagement;
import org.fewstep.actors.management.RunMetrics;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.CoordinatorMessage.CheckpointFailed;
import org.fewstep.protocol.CoordinatorMessage.CheckpointWritten;
import org.fewstep.protocol.CoordinatorMessage.EvaluateNow;
import org.fewstep.protocol.CoordinatorMessage.EvaluatorReady;
import org.fewstep.protocol.CoordinatorMessage.GetSchedule;
import org.fewstep.protocol.CoordinatorMessage.GetStatus;
import org.fewstep.protocol.CoordinatorMessage.Join;
import org.fewstep.protocol.CoordinatorMessage.PartDone;
import org.fewstep.protocol.CoordinatorMessage.PauseSchedule;
import org.fewstep.protocol.CoordinatorMessage.Published;
import org.fewstep.protocol.CoordinatorMessage.PushLost;
import org.fewstep.protocol.CoordinatorMessage.ReplaceSchedule;
import org.fewstep.protocol.CoordinatorMessage.RequestLease;
import org.fewstep.protocol.CoordinatorMessage.ServerReady;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.CoordinatorMessage.StopRun;
import org.fewstep.protocol.CoordinatorMessage.TrackKept;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.EvaluatorMessage;
import org.fewstep.protocol.EvaluatorMessage.EvaluatePart;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.LoaderMessage.LeaseGranted;
import org.fewstep.protocol.LoaderMessage.VersionPublished;
import org.fewstep.protocol.SampleGrid;
import org.fewstep.protocol.ScheduleReply;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.StatusReply;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.UnitReport;
import org.fewstep.protocol.Verdict;
import org.fewstep.protocol.WireMessage;
import org.fewstep.protocol.bulk.BulkTransport;
import org.fewstep.protocol.bulk.TransferFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a run: admits trainers, leases units to loaders, has the sequencer decide about every push,
 * reports, and knows when all is done.
 *
 * <p>Memory stays bounded because an update that is to be evaluated waits while {@value
 * #EVALUATIONS_UNDER_WAY} tracks are being evaluated, and one that is to be saved while a
 * checkpoint is being written.
 */
public final class RunCoordinator extends AbstractBehavior<CoordinatorMessage> {
  /** Copies of parameters that may wait for evaluators. */
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
  private final BulkTransport transport;
  private final Executor blocking;
  private final ActorRef<RunFinished> runFinished;
  private final ActorRef<ServerMessage> server;
  private final Sequencer sequencer;
  private final LeaseTable leases;
  private final TickMeter ticks;
  private final RateMeter rate;
  private final StatusBoard board;
  private final RunMetrics metrics;
  private final long startNanos = System.nanoTime();

  private final Map<String, Member> trainers = new HashMap<>();
  private final Map<String, RequestLease> waitingLoaders = new LinkedHashMap<>();
  private final Map<ActorRef<LoaderMessage>, String> loaders = new LinkedHashMap<>();
  private final Set<Address> unreachable = new HashSet<>();
  private final EvaluationQueue evaluations = new EvaluationQueue();
  private final Map<String, ActorRef<EvaluatorMessage>> evaluators = new HashMap<>();
  private final Set<Long> samplesOnTheirWay = new HashSet<>();
  private final Set<Long> checkpoints = new HashSet<>();
  private final Deque<Decided> decided = new ArrayDeque<>();
  private final Deque<Staged> unjudged = new ArrayDeque<>();

  /** Pushes of units that will be left out once their update comes, by unit. */
  private final Map<Long, Staged> hopeless = new HashMap<>();

  private final boolean free;
  private long publishedVersion;
  private long publishedImages;
  private long heldBackSinceNanos;
  private boolean stopped;
  private boolean finished;

  /**
   * What a coordinator needs to know.
   *
   * @param epoch counts the lives of the parameters
   * @param leaseTimeout after which a unit is leased to somebody else
   * @param owed evaluations of earlier versions, whose parameters the server will offer
   * @param limits what the run can evaluate
   */
  public record Settings(
      RunPlan plan,
      RunIdentity identity,
      EvaluationSchedule schedule,
      long epoch,
      Duration leaseTimeout,
      List<OwedEvaluation> owed,
      EvaluationLimits limits) {}

  /** The run is over and everything it owed is there. */
  public record RunFinished(RunSummary summary) implements NoSerializationVerificationNeeded {}

  /** An update on its way through the parameter server. */
  private record Decided(Sequencer.Update update, long nanos) {}

  /**
   * A node answers, or does not any more, which it may do again.
   *
   * @param node where its actors are
   */
  public record NodeReachable(Address node, boolean reachable)
      implements CoordinatorMessage.Local {}

  private record Member(long incarnation, ActorRef<TrainerMessage> ref) {}

  private record TrainerGone(String trainer, Member member) implements CoordinatorMessage.Local {}

  private record LoaderGone(String loader, ActorRef<LoaderMessage> ref)
      implements CoordinatorMessage.Local {}

  private record EvaluatorGone(String evaluator, ActorRef<EvaluatorMessage> ref)
      implements CoordinatorMessage.Local {}

  private record SamplesKept(PartDone done, @Nullable Throwable failure)
      implements CoordinatorMessage.Local {}

  private record ExpireLeases() implements CoordinatorMessage.Local {}

  /**
   * A coordinator that begins when a parameter server reports; what comes before that waits.
   *
   * @param listener is called from this actor's thread
   * @param transport brings the samples of evaluators
   * @param runFinished is told once
   */
  public static Behavior<CoordinatorMessage> create(
      Settings settings,
      RunListener listener,
      BulkTransport transport,
      ActorRef<RunFinished> runFinished) {
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
                                              context,
                                              settings,
                                              listener,
                                              transport,
                                              runFinished,
                                              ready);
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
      BulkTransport transport,
      ActorRef<RunFinished> runFinished,
      ServerReady ready) {
    super(context);
    this.settings = settings;
    this.listener = listener;
    this.transport = transport;
    this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    this.runFinished = runFinished;
    this.server = ready.server();
    if (ready.epoch() != settings.epoch()) {
      throw new IllegalStateException(
          "the parameter server lives in epoch %d, the run in %d"
              .formatted(ready.epoch(), settings.epoch()));
    }
    RunPlan plan = settings.plan();
    free = plan.rule() instanceof UpdateRule.Free;
    sequencer =
        new Sequencer(
            plan,
            settings.schedule(),
            ready.epoch(),
            ready.version(),
            ready.images(),
            ready.unitsAhead());
    // Leases of free rules are unordered anyway; those of rounds are single pieces.
    leases =
        new LeaseTable(
            sequencer.firstPiece(),
            sequencer.pieces().count(),
            plan.unitsPerPush() == 1 ? plan.unitsPerUpdate() : 1);
    sequencer.countedPieces().forEach(leases::counted);
    ticks = new TickMeter(plan.tickImages(), ready.images(), startNanos);
    rate = new RateMeter(ready.images(), startNanos);
    publishedVersion = ready.version();
    publishedImages = ready.images();
    board = new StatusBoard(plan, settings.epoch(), ready.version(), ready.images(), startNanos);
    RunManagement management = RunManagement.get(context.getSystem());
    management.coordinator(context.getSelf());
    metrics = management.metrics();
    settings
        .owed()
        .forEach(owed -> evaluations.add(owed.version(), owed.images(), owed.track(), owed.due()));
    sequencer.clock(nowMillis());
    openLeases();
    finishIfDone();
  }

  @Override
  public Receive<CoordinatorMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(Join.class, this::onJoin)
        .onMessage(RequestLease.class, this::onRequestLease)
        .onMessage(Staged.class, this::onStaged)
        .onMessage(PushLost.class, this::onPushLost)
        .onMessage(Published.class, this::onPublished)
        .onMessage(CheckpointWritten.class, this::onCheckpointWritten)
        .onMessage(CheckpointFailed.class, this::onCheckpointFailed)
        .onMessage(TrackKept.class, this::onTrackKept)
        .onMessage(EvaluatorReady.class, this::onEvaluatorReady)
        .onMessage(EvaluatorGone.class, this::onEvaluatorGone)
        .onMessage(PartDone.class, this::onPartDone)
        .onMessage(SamplesKept.class, this::onSamplesKept)
        .onMessage(GetSchedule.class, this::onGetSchedule)
        .onMessage(ReplaceSchedule.class, this::onReplaceSchedule)
        .onMessage(PauseSchedule.class, this::onPauseSchedule)
        .onMessage(EvaluateNow.class, this::onEvaluateNow)
        .onMessage(GetStatus.class, this::onGetStatus)
        .onMessage(StopRun.class, stop -> onStop())
        .onMessage(TrainerGone.class, this::onTrainerGone)
        .onMessage(LoaderGone.class, this::onLoaderGone)
        .onMessage(ExpireLeases.class, tick -> onExpireLeases())
        .onMessage(NodeReachable.class, this::onNodeReachable)
        .build();
  }

  private Behavior<CoordinatorMessage> onJoin(Join join) {
    Optional<String> objection = objection(join);
    if (objection.isPresent()) {
      join.replyTo().tell(new TrainerMessage.Refused(objection.get()));
      return this;
    }
    Member member = new Member(join.incarnation(), join.replyTo());
    if (member.equals(trainers.get(join.trainer()))) {
      join.replyTo().tell(new TrainerMessage.Admitted(settings.epoch())); // the first got lost
      return this;
    }
    Member earlier = trainers.put(join.trainer(), member);
    if (earlier != null) {
      getContext().unwatch(earlier.ref());
      listener.onTrainerLeft(join.trainer(), earlier.incarnation());
    }
    sequencer.admit(join.trainer(), join.incarnation());
    board.joined(join, System.nanoTime());
    getContext().watchWith(join.replyTo(), new TrainerGone(join.trainer(), member));
    listener.onTrainerJoined(join.trainer(), join.incarnation());
    join.replyTo().tell(new TrainerMessage.Admitted(settings.epoch()));
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
    boolean again = known != null && known.equals(new Member(join.incarnation(), join.replyTo()));
    if (known != null && !again && known.incarnation() >= join.incarnation()) {
      return Optional.of(
          "trainer %s takes part in life %d, this is life %d"
              .formatted(join.trainer(), known.incarnation(), join.incarnation()));
    }
    return Optional.empty();
  }

  private Behavior<CoordinatorMessage> onTrainerGone(TrainerGone gone) {
    if (trainers.remove(gone.trainer(), gone.member()) && !finished) {
      board.left(gone.trainer());
      listener.onTrainerLeft(gone.trainer(), gone.member().incarnation());
    }
    return this;
  }

  /** What a silent node has leased goes to others at once; it may yet be faster than they are. */
  private Behavior<CoordinatorMessage> onNodeReachable(NodeReachable news) {
    boolean changed =
        news.reachable() ? unreachable.remove(news.node()) : unreachable.add(news.node());
    if (!changed) {
      return this;
    }
    if (!news.reachable()) {
      loaders.forEach(
          (loader, name) -> {
            if (isOn(news.node(), loader)) {
              leases.giveBackAll(name);
            }
          });
    }
    trainers.forEach(
        (name, member) -> {
          if (isOn(news.node(), member.ref())) {
            listener.onTrainerReachable(name, news.reachable());
          }
        });
    serveLeases();
    evaluators.forEach(
        (name, evaluator) -> {
          if (isOn(news.node(), evaluator)) {
            (news.reachable() ? evaluations.join(name) : evaluations.lost(name))
                .ifPresent(this::endTrack);
          }
        });
    assignEvaluations();
    goOn();
    return this;
  }

  private static boolean isHere(ActorRef<?> actor) {
    return actor.path().address().hasLocalScope();
  }

  private static boolean isOn(Address node, ActorRef<?> actor) {
    return actor.path().address().equals(node);
  }

  private Behavior<CoordinatorMessage> onRequestLease(RequestLease request) {
    if (loaders.put(request.replyTo(), request.loader()) == null) {
      getContext()
          .watchWith(request.replyTo(), new LoaderGone(request.loader(), request.replyTo()));
    }
    boolean again = request.equals(waitingLoaders.put(request.loader(), request));
    serveLeases();
    if (again) { // what it missed may be the news
      request.replyTo().tell(new VersionPublished(publishedVersion, publishedImages));
    }
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
    leases.openUntil(
        free
            ? sequencer.pieces().count()
            : (publishedVersion + UPDATES_LEASED_AHEAD + settings.plan().delay())
                * settings.plan().unitsPerUpdate());
  }

  private void serveLeases() {
    if (sequencer.isOver()) {
      return;
    }
    waitingLoaders.values().removeIf(this::granted);
  }

  private boolean granted(RequestLease request) {
    if (unreachable.contains(request.replyTo().path().address())) {
      return false;
    }
    long validMillis = settings.leaseTimeout().toMillis() * settings.plan().unitsPerPush();
    Optional<LeaseTable.Lease> lease =
        leases.lease(request.loader(), request.units(), nowMillis(), validMillis);
    lease.ifPresent(l -> request.replyTo().tell(granted(l, validMillis)));
    return lease.isPresent();
  }

  private LeaseGranted granted(LeaseTable.Lease lease, long validMillis) {
    Pieces pieces = sequencer.pieces();
    long firstUnit = pieces.firstUnit(lease.firstUnit());
    long behind = pieces.firstUnit(lease.firstUnit() + lease.units());
    long update = firstUnit / settings.plan().unitsPerUpdate();
    int delay = settings.plan().delay(update);
    return new LeaseGranted(
        lease.id(),
        free ? LeaseGranted.ANY_VERSION : update - delay,
        firstUnit,
        (int) (behind - firstUnit),
        validMillis,
        publishedVersion,
        delay);
  }

  private Behavior<CoordinatorMessage> onStaged(Staged push) {
    // An update that is held back holds back the pushes behind it, and so their trainers.
    if (free && sequencer.isComplete()) {
      unjudged.addLast(push);
    } else {
      judge(push);
    }
    return this;
  }

  private void judge(Staged push) {
    Verdict verdict = sequencer.judge(push);
    board.stepped(push, verdict, sequencer.version(), System.nanoTime());
    metrics.judged(push, verdict, sequencer.version());
    boolean accepted = verdict == Verdict.ACCEPTED;
    server.tell(
        new ServerMessage.Judged(
            push.push(),
            verdict,
            free && accepted && sequencer.isComplete() ? sequencer.version() + 1 : 0));
    if (accepted) {
      leases.counted(sequencer.pieces().beginningWith(push.unit()));
      decide();
      return;
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
      if (sequencer.isOfComing(push.unit())) {
        leaveOut(push);
      } else {
        hopeless.putIfAbsent(push.unit(), push);
      }
      return;
    }
    leases.giveBack(sequencer.pieces().beginningWith(push.unit()));
    serveLeases();
  }

  private Behavior<CoordinatorMessage> onPushLost(PushLost lost) {
    leases.giveBack(sequencer.pieces().beginningWith(lost.unit()));
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
    sequencer.clock(nowMillis());
    Sequencer.Update update = sequencer.leaveOut(push.unit());
    update.passed().forEach(leases::counted);
    hopeless.keySet().removeAll(update.passed());
    update.again().forEach(leases::countNoMore);
    listener.onLeftOut(
        new LeftOut(
            images,
            push.unit(),
            culprit,
            update.decision().effect() == ServerMessage.Effect.GO_BACK,
            sequencer.leftOut(),
            LEFT_OUT_AT_MOST));
    tell(update);
    leaveOutHopeless();
    decide();
  }

  /** Leaves out the coming update if one of its units is known to have no finite gradient. */
  private void leaveOutHopeless() {
    for (Staged push : List.copyOf(hopeless.values())) {
      if (sequencer.isOfComing(push.unit())) {
        leaveOut(push);
        return;
      }
    }
  }

  /** Decides whatever can be decided now. */
  private void advance() {
    decide();
    while (!unjudged.isEmpty() && !sequencer.isComplete()) {
      judge(unjudged.removeFirst());
    }
  }

  /** Decides the coming versions, unless a unit is missing or too much waits behind it. */
  private void decide() {
    while (decideNext()) {
      leaveOutHopeless();
    }
  }

  private boolean decideNext() {
    sequencer.clock(nowMillis());
    boolean heldBack =
        sequencer.isComplete()
            && sequencer.nextIsEvaluated()
            && evaluations.tracksUnderWay() >= EVALUATIONS_UNDER_WAY;
    if (!heldBack) {
      heldBackSinceNanos = 0;
    } else if (heldBackSinceNanos == 0) {
      heldBackSinceNanos = System.nanoTime();
    }
    if (!sequencer.isComplete()
        || heldBack
        || (sequencer.nextIsSaved() && !checkpoints.isEmpty())) {
      return false;
    }
    Optional<Sequencer.Update> update = sequencer.decide();
    update.ifPresent(this::tell);
    return update.isPresent();
  }

  private void tell(Sequencer.Update update) {
    ServerMessage.Decision decision = update.decision();
    if (decision.checkpoint()) {
      checkpoints.add(decision.version());
    }
    if (decision.evaluation() != null) {
      for (String track : decision.evaluation().tracks()) {
        evaluations.add(decision.version(), decision.images(), track, decision.evaluation());
      }
    }
    decided.addLast(new Decided(update, System.nanoTime()));
    server.tell(decision);
  }

  private Behavior<CoordinatorMessage> onPublished(Published published) {
    publishedVersion = published.version();
    publishedImages = published.images();
    long now = System.nanoTime();
    Decided made = decided.removeFirst();
    made.update().staleness().forEach(ticks::addStaleness);
    ticks.add(made.update().reports(), published, (now - made.nanos()) * 1e-9 * waitingTrainers());
    double loss =
        made.update().reports().stream().mapToDouble(UnitReport::loss).average().orElse(Double.NaN);
    double speed = rate.imagesPerSecond(published.images(), now);
    board.published(published, speed, loss, now);
    metrics.published(published, speed, loss, trainers.size());
    metrics.evaluating(evaluations.tracksUnderWay());
    listener.onProgress(
        new RunProgress(
            published.images(), settings.plan().totalImages(), published.version(), speed, loss));
    if (ticks.isDue()) {
      listener.onTick(ticks.tick(now, trainers.size()));
    }
    VersionPublished news = new VersionPublished(published.version(), published.images());
    loaders.keySet().forEach(loader -> loader.tell(news));
    openLeases();
    serveLeases();
    finishIfDone();
    return this;
  }

  /** How many trainers an update keeps waiting. */
  private int waitingTrainers() {
    if (free) {
      return 1; // the one that pushed
    }
    return settings.plan().delay() == 0 ? trainers.size() : 0;
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

  private Behavior<CoordinatorMessage> onTrackKept(TrackKept kept) {
    if (evaluations.kept(kept.version(), kept.track(), kept.parameters())) {
      assignEvaluations();
    } else {
      server.tell(new ServerMessage.ReleaseTrack(kept.version(), kept.track()));
      evaluations.endIfCancelled(kept.version(), kept.track()).ifPresent(this::tellTrackEnded);
      goOn();
    }
    return this;
  }

  private Behavior<CoordinatorMessage> onEvaluatorReady(EvaluatorReady ready) {
    ActorRef<EvaluatorMessage> before = evaluators.put(ready.evaluator(), ready.replyTo());
    if (before != null) {
      getContext().unwatch(before);
    }
    if (before == null && !isHere(ready.replyTo())) {
      listener.onEvaluatorJoined(ready.evaluator());
    }
    getContext().watchWith(ready.replyTo(), new EvaluatorGone(ready.evaluator(), ready.replyTo()));
    evaluations.join(ready.evaluator()).ifPresent(this::endTrack);
    assignEvaluations();
    goOn();
    return this;
  }

  private Behavior<CoordinatorMessage> onEvaluatorGone(EvaluatorGone gone) {
    if (evaluators.remove(gone.evaluator(), gone.ref())) {
      if (!isHere(gone.ref()) && !finished) {
        listener.onEvaluatorLeft(gone.evaluator());
      }
      evaluations.lost(gone.evaluator()).ifPresent(this::endTrack);
      assignEvaluations();
      goOn();
    }
    return this;
  }

  private void assignEvaluations() {
    for (EvaluationQueue.Assignment assignment : evaluations.assign()) {
      Objects.requireNonNull(evaluators.get(assignment.evaluator())).tell(assignment.part());
    }
  }

  private Behavior<CoordinatorMessage> onPartDone(PartDone done) {
    SampleGrid grid = done.grid();
    if (grid == null) {
      return endPart(done);
    }
    Optional<EvaluatePart> part = evaluations.underWay(done.evaluator(), done.part());
    if (part.isEmpty()) {
      transport.release(grid.images());
      return this;
    }
    if (!samplesOnTheirWay.add(done.part())) {
      return this; // said again
    }
    EvaluationPart whose = EvaluationPart.of(part.get());
    ImageShape shape = new ImageShape(grid.channels(), grid.height(), grid.width());
    getContext()
        .pipeToSelf(
            transport
                .fetch(grid.images())
                .thenAcceptAsync(
                    pixels -> {
                      transport.release(grid.images());
                      listener.onSamples(whose, new SampleImages(shape, pixels));
                    },
                    blocking),
            (nothing, failure) -> new SamplesKept(done, failure));
    return this;
  }

  /** Samples that were lost on their way are drawn again, by whoever is free. */
  private Behavior<CoordinatorMessage> onSamplesKept(SamplesKept kept) throws Exception {
    PartDone done = kept.done();
    samplesOnTheirWay.remove(done.part());
    if (kept.failure() == null) {
      return endPart(done);
    }
    Exception failure = Failures.asException(kept.failure());
    if (!(failure instanceof TransferFailedException)) {
      throw failure;
    }
    if (evaluations.underWay(done.evaluator(), done.part()).isPresent()) {
      evaluations.join(done.evaluator()).ifPresent(this::endTrack);
      assignEvaluations();
    }
    return this;
  }

  private Behavior<CoordinatorMessage> endPart(PartDone done) {
    EvaluationQueue.Outcome outcome =
        evaluations.done(done.evaluator(), done.part(), done.scores());
    outcome.evaluation().ifPresent(this::tellScores);
    outcome.track().ifPresent(this::endTrack);
    assignEvaluations();
    goOn();
    return this;
  }

  private void tellScores(EvaluationQueue.Ended ended) {
    List<Score> scores = ended.scores().stream().map(ScoreJson::fromLine).toList();
    board.scored(ended.scores());
    metrics.scored(scores);
    listener.onScores(ended.version(), ended.images(), ended.track(), scores);
  }

  private void endTrack(EvaluationQueue.TrackEnded ended) {
    server.tell(new ServerMessage.ReleaseTrack(ended.version(), ended.track()));
    tellTrackEnded(ended);
  }

  private void tellTrackEnded(EvaluationQueue.TrackEnded ended) {
    listener.onTrackEvaluated(ended.version(), ended.images(), ended.track());
  }

  private Behavior<CoordinatorMessage> onGetSchedule(GetSchedule get) {
    get.replyTo().tell(new ScheduleReply.Current(sequencer.schedule()));
    return this;
  }

  private Behavior<CoordinatorMessage> onReplaceSchedule(ReplaceSchedule replace) {
    Optional<String> objection = settings.limits().objection(replace.schedule());
    if (objection.isPresent()) {
      replace.replyTo().tell(new ScheduleReply.Refused(objection.get()));
      return this;
    }
    sequencer.clock(nowMillis());
    ScheduleReply reply = sequencer.replaceSchedule(replace.expectedVersion(), replace.schedule());
    if (reply instanceof ScheduleReply.Replaced replaced) {
      listener.onScheduleReplaced(replaced.schedule(), sequencer.images());
      if (replace.cancelRunning()) {
        cancelEvaluations();
      }
    }
    replace.replyTo().tell(reply);
    goOn();
    return this;
  }

  private void cancelEvaluations() {
    EvaluationQueue.Cancelled cancelled = evaluations.cancel();
    List<String> dropped = new ArrayList<>();
    for (String entry : sequencer.dropOrders()) {
      dropped.add("%s at the coming version".formatted(entry));
    }
    for (EvaluationQueue.Ended ended : cancelled.evaluations()) {
      dropped.add(
          "%s of %s at version %d".formatted(ended.entry(), ended.track(), ended.version()));
      listener.onEvaluationCancelled(ended.version(), ended.images(), ended.track(), ended.entry());
    }
    if (!dropped.isEmpty()) {
      sequencer.cancelled(dropped);
    }
    cancelled
        .running()
        .forEach(
            (evaluator, part) ->
                Objects.requireNonNull(evaluators.get(evaluator))
                    .tell(new EvaluatorMessage.CancelPart(part)));
    cancelled.tracks().forEach(this::endTrack);
  }

  private Behavior<CoordinatorMessage> onPauseSchedule(PauseSchedule pause) {
    sequencer.clock(nowMillis());
    long before = sequencer.schedule().version();
    sequencer.pauseSchedule(pause.paused());
    if (sequencer.schedule().version() != before) {
      listener.onScheduleReplaced(sequencer.schedule(), sequencer.images());
    }
    pause.replyTo().tell(new ScheduleReply.Current(sequencer.schedule()));
    goOn();
    return this;
  }

  private Behavior<CoordinatorMessage> onEvaluateNow(EvaluateNow now) {
    now.replyTo().tell(sequencer.evaluateNow(now.entries()));
    return this;
  }

  private Behavior<CoordinatorMessage> onGetStatus(GetStatus get) {
    long now = System.nanoTime();
    StatusBoard.Rest rest =
        new StatusBoard.Rest(
            stopped ? "stopping" : sequencer.isOver() ? "finishing" : "training",
            sequencer.schedule(),
            evaluations.views(),
            evaluations.evaluators(),
            heldBackSinceNanos == 0 ? 0 : now - heldBackSinceNanos);
    get.replyTo().tell(new StatusReply.Status(board.json(rest, now)));
    return this;
  }

  private void goOn() {
    advance();
    finishIfDone();
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
    advance();
    finishIfDone();
    return this;
  }

  private void finishIfDone() {
    boolean done =
        sequencer.isOver()
            && publishedVersion == sequencer.version()
            && checkpoints.isEmpty()
            && (stopped || evaluations.tracksUnderWay() == 0);
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
