package org.fewstep.actors.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.fewstep.actors.ActorTest;
import org.fewstep.actors.Schedules;
import org.fewstep.actors.coordinator.RunCoordinator.RunFinished;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.CoordinatorMessage.Join;
import org.fewstep.protocol.CoordinatorMessage.RequestLease;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.EvaluatorMessage;
import org.fewstep.protocol.EvaluatorMessage.EvaluatePart;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.LoaderMessage.LeaseGranted;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ScheduleReply;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.ServerMessage.Decision;
import org.fewstep.protocol.ServerMessage.Judged;
import org.fewstep.protocol.StatusReply;
import org.fewstep.protocol.TensorTicket;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.UnitReport;
import org.fewstep.protocol.Verdict;
import org.fewstep.protocol.WireMessage;
import org.fewstep.protocol.bulk.LocalBulkTransport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RunCoordinatorTest extends ActorTest {
  private static final RunPlan PLAN = new RunPlan(8, 4, 40, 0, false, 8);
  private static final RunIdentity IDENTITY = new RunIdentity("model", "data");
  private static final EvaluationSchedule EVERY_UPDATE =
      Schedules.of(Schedules.entry("all", List.of(), 8, List.of(1), "ema"));
  private static final EvaluationLimits LIMITS =
      new EvaluationLimits(List.of("ema"), true, false, Schedules.ANY_SAMPLER);

  private TestProbe<ServerMessage> server;
  private TestProbe<LoaderMessage> loader;
  private TestProbe<TrainerMessage> trainer;
  private TestProbe<RunFinished> finished;
  private final LocalBulkTransport transport = new LocalBulkTransport();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private long rounds;

  @BeforeEach
  void createProbes() {
    heard.clear();
    server = kit.createTestProbe(ServerMessage.class);
    loader = kit.createTestProbe(LoaderMessage.class);
    trainer = kit.createTestProbe(TrainerMessage.class);
    finished = kit.createTestProbe(RunFinished.class);
  }

  @Test
  void shouldAdmitATrainerWhenEverythingAgrees() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);

    coordinator.tell(join("a", 1, WireMessage.PROTOCOL_VERSION, "model", "data"));

    assertThat(trainer.receiveMessage()).isEqualTo(new TrainerMessage.Admitted(1));
    assertThat(heard).containsExactly("+a/1");
  }

  @Test
  void shouldRefuseATrainerWithTheReasonWhenSomethingDiffers() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);

    coordinator.tell(join("a", 1, 99, "model", "data"));
    assertThat(refusal()).contains("protocol version 99, the run speaks 1");
    coordinator.tell(join("a", 1, 1, "another model", "data"));
    assertThat(refusal()).contains("trains model another model, the run trains model");
    coordinator.tell(join("a", 1, 1, "model", "other data"));
    assertThat(refusal()).contains("fingerprint other data, the run reads data");
    coordinator.tell(join("a", 2, 1, "model", "data"));
    trainer.expectMessageClass(TrainerMessage.Admitted.class);
    coordinator.tell(join("a", 1, 1, "model", "data"));
    assertThat(refusal()).contains("takes part in life 2, this is life 1");
  }

  @Test
  void shouldShowHowStaleATrainersLatestPushIsWhenUnitsCountAsTheyCome() {
    RunPlan bounded =
        new RunPlan(
            8, 4, 40, 0, false, 8, new UpdateRule.BoundedStaleness(2, new StalenessWeight.None()));
    ActorRef<CoordinatorMessage> coordinator =
        kit.spawn(
            RunCoordinator.create(
                new RunCoordinator.Settings(
                    bounded, IDENTITY, NO_EVALUATION, 1, Duration.ofMinutes(1), List.of(), LIMITS),
                listener(),
                transport,
                finished.getRef()));
    coordinator.tell(new CoordinatorMessage.ServerReady(1, 0, 0, server.getRef()));
    coordinator.tell(join("a", 1, 1, "model", "data"));
    for (long unit = 0; unit < 5; unit++) {
      coordinator.tell(
          new CoordinatorMessage.Staged(
              new PushId("a", 1, ++rounds),
              1,
              unit,
              0,
              4,
              new UnitReport(1, 1, 1, 1, 1, 1, 1),
              ""));
    }
    TestProbe<StatusReply> asker = kit.createTestProbe(StatusReply.class);
    coordinator.tell(new CoordinatorMessage.GetStatus(asker.getRef()));

    assertThat(asker.expectMessageClass(StatusReply.Status.class).json())
        .contains("\"trainer\":\"a\"")
        .contains("\"staleness\":2");
  }

  @Test
  void shouldTellThatATrainerLeftWhenItEnds() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);
    coordinator.tell(join("a", 1, 1, "model", "data"));
    trainer.expectMessageClass(TrainerMessage.Admitted.class);

    trainer.stop();

    server.awaitAssert(
        () -> {
          assertThat(heard).containsExactly("+a/1", "-a/1");
          return null;
        });
  }

  @Test
  void shouldKeepMessagesWhenTheServerIsNotThereYet() {
    ActorRef<CoordinatorMessage> coordinator =
        kit.spawn(
            RunCoordinator.create(
                settings(NO_EVALUATION), listener(), transport, finished.getRef()));
    coordinator.tell(join("a", 1, 1, "model", "data"));
    trainer.expectNoMessage(Duration.ofMillis(50));

    coordinator.tell(new CoordinatorMessage.ServerReady(1, 0, 0, server.getRef()));

    trainer.expectMessageClass(TrainerMessage.Admitted.class);
  }

  @Test
  void shouldLeaseTwoUpdatesAndNoMoreWhenNothingIsPublished() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);

    assertThat(lease(coordinator, 9)).isEqualTo(new LeaseGranted(1, 0, 0, 2, 60_000, 0));
    assertThat(lease(coordinator, 9)).isEqualTo(new LeaseGranted(2, 1, 2, 2, 60_000, 0));
    coordinator.tell(new RequestLease("loader", 9, loader.getRef()));
    loader.expectNoMessage(Duration.ofMillis(50));

    coordinator.tell(join("a", 1, 1, "model", "data"));
    update(coordinator, 0);

    loader.expectMessage(new LoaderMessage.VersionPublished(1, 8));
    loader.expectMessage(new LeaseGranted(3, 2, 4, 2, 60_000, 1));
  }

  @Test
  void shouldLeaseToOthersAtOnceWhenANodeFallsSilentAndToItWhenItAnswersAgain() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);
    coordinator.tell(join("a", 1, 1, "model", "data"));
    assertThat(lease(coordinator, 2)).isEqualTo(new LeaseGranted(1, 0, 0, 2, 60_000, 0));
    Address node = loader.getRef().path().address();

    coordinator.tell(new RunCoordinator.NodeReachable(node, false));
    coordinator.tell(new RequestLease("other", 2, loader.getRef()));
    loader.expectNoMessage(Duration.ofMillis(50));
    coordinator.tell(new RunCoordinator.NodeReachable(node, true));

    loader.expectMessage(new LeaseGranted(2, 0, 0, 2, 60_000, 0));
    assertThat(heard).containsExactly("+a/1", "?a", "!a");
  }

  @Test
  void shouldAnswerAgainWhenATrainerOrALoaderAsksTwice() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);
    coordinator.tell(join("a", 1, 1, "model", "data"));
    coordinator.tell(join("a", 1, 1, "model", "data"));
    trainer.expectMessage(new TrainerMessage.Admitted(1));
    trainer.expectMessage(new TrainerMessage.Admitted(1));
    lease(coordinator, 9);
    lease(coordinator, 9);
    RequestLease nothingLeft = new RequestLease("other", 4, loader.getRef());

    coordinator.tell(nothingLeft);
    coordinator.tell(nothingLeft);

    loader.expectMessage(new LoaderMessage.VersionPublished(0, 0));
    assertThat(heard).containsExactly("+a/1");
  }

  @Test
  void shouldLeaseAUnitAgainWhenItsPushWasLost() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);
    lease(coordinator, 2);

    coordinator.tell(new CoordinatorMessage.PushLost(new PushId("a", 1, 1), 1));

    assertThat(lease(coordinator, 1)).isEqualTo(new LeaseGranted(2, 0, 1, 1, 60_000, 0));
  }

  @Test
  void shouldLeaseAgainWhenTheLoaderThatHeldUnitsIsGone() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);
    TestProbe<LoaderMessage> other = kit.createTestProbe(LoaderMessage.class);
    coordinator.tell(new RequestLease("other", 2, other.getRef()));
    other.expectMessageClass(LeaseGranted.class);
    lease(coordinator, 2);
    coordinator.tell(new RequestLease("loader", 2, loader.getRef()));

    other.stop();

    LeaseGranted again = loader.expectMessageClass(LeaseGranted.class);
    assertThat(again.firstUnit()).isZero();
    assertThat(again.units()).isEqualTo(2);
  }

  @Test
  @Timeout(30)
  void shouldLeaseAgainWhenALeaseRanOut() {
    RunCoordinator.Settings hasty =
        new RunCoordinator.Settings(
            PLAN, IDENTITY, NO_EVALUATION, 1, Duration.ofMillis(30), List.of(), LIMITS);
    ActorRef<CoordinatorMessage> coordinator =
        kit.spawn(RunCoordinator.create(hasty, listener(), transport, finished.getRef()));
    coordinator.tell(new CoordinatorMessage.ServerReady(1, 0, 0, server.getRef()));
    assertThat(lease(coordinator, 2).firstUnit()).isZero();

    LeaseGranted next = lease(coordinator, 2);
    while (next.firstUnit() != 0) {
      next = lease(coordinator, 2);
    }
    assertThat(next.units()).isEqualTo(2);
  }

  @Test
  void shouldDecideInTheOrderOfUnitsAndFinishWhenTheLastVersionIsPublishedAndSaved() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);
    coordinator.tell(join("a", 1, 1, "model", "data"));
    for (long version = 0; version < 4; version++) {
      assertThat(update(coordinator, version).checkpoint()).isFalse();
    }
    Decision last = update(coordinator, 4);
    assertThat(last.checkpoint()).isTrue();
    finished.expectNoMessage(Duration.ofMillis(50));

    coordinator.tell(new CoordinatorMessage.CheckpointWritten(5, 40, "checkpoints/5"));

    RunSummary summary = finished.expectMessageClass(RunFinished.class).summary();
    assertThat(summary.version()).isEqualTo(5);
    assertThat(summary.images()).isEqualTo(40);
    assertThat(heard).contains("checkpoints/5").filteredOn("tick"::equals).hasSize(5);
  }

  @Test
  void shouldHoldAnUpdateBackWhenTwoEvaluationsAreUnderWay() {
    ActorRef<CoordinatorMessage> coordinator = start(EVERY_UPDATE);
    coordinator.tell(join("a", 1, 1, "model", "data"));
    assertThat(update(coordinator, 0).evaluation()).isEqualTo(EVERY_UPDATE);
    update(coordinator, 1);
    push(coordinator, 4, 2);
    push(coordinator, 5, 2);
    server.expectNoMessage(Duration.ofMillis(50));

    TestProbe<EvaluatorMessage> evaluator = kit.createTestProbe(EvaluatorMessage.class);
    coordinator.tell(new CoordinatorMessage.EvaluatorReady("e", evaluator.getRef()));
    coordinator.tell(new CoordinatorMessage.TrackKept(1, 8, "ema", new TensorTicket("ticket", 2)));
    EvaluatePart part = evaluator.expectMessageClass(EvaluatePart.class);
    server.expectNoMessage(Duration.ofMillis(50));
    coordinator.tell(new CoordinatorMessage.PartDone("e", part.part(), List.of()));

    server.expectMessage(new ServerMessage.ReleaseTrack(1, "ema"));

    assertThat(server.expectMessageClass(Decision.class).version()).isEqualTo(3);
  }

  @Test
  void shouldUseTheNewScheduleWhenItIsReplaced() {
    ActorRef<CoordinatorMessage> coordinator = start(NO_EVALUATION);
    TestProbe<ScheduleReply> asker = kit.createTestProbe(ScheduleReply.class);
    coordinator.tell(join("a", 1, 1, "model", "data"));

    coordinator.tell(
        new CoordinatorMessage.ReplaceSchedule(1, EVERY_UPDATE, false, asker.getRef()));
    asker.expectMessage(new ScheduleReply.Replaced(EVERY_UPDATE.withVersion(2)));
    coordinator.tell(
        new CoordinatorMessage.ReplaceSchedule(1, EVERY_UPDATE, false, asker.getRef()));
    asker.expectMessage(new ScheduleReply.Conflict(EVERY_UPDATE.withVersion(2)));
    coordinator.tell(new CoordinatorMessage.GetSchedule(asker.getRef()));
    asker.expectMessage(new ScheduleReply.Current(EVERY_UPDATE.withVersion(2)));

    assertThat(update(coordinator, 0).evaluation()).isEqualTo(EVERY_UPDATE.withVersion(2));
  }

  @Test
  void shouldKeepTheScheduleAndSayWhyWhenTheRunCannotDoWhatAnotherAsks() {
    ActorRef<CoordinatorMessage> coordinator = start(EVERY_UPDATE);
    TestProbe<ScheduleReply> asker = kit.createTestProbe(ScheduleReply.class);
    EvaluationSchedule fast =
        Schedules.of(Schedules.entry("fast", List.of(), 8, List.of(1), "ema", "fast"));

    coordinator.tell(new CoordinatorMessage.ReplaceSchedule(1, fast, true, asker.getRef()));

    asker.expectMessage(
        new ScheduleReply.Refused(
            "entries[fast].tracks must name EMA tracks of the run (ema) or be live, but lists"
                + " fast"));
    coordinator.tell(new CoordinatorMessage.GetSchedule(asker.getRef()));
    asker.expectMessage(new ScheduleReply.Current(EVERY_UPDATE));
  }

  @Test
  void shouldGiveThePartOfALostEvaluatorToAnotherOne() {
    ActorRef<CoordinatorMessage> coordinator = start(EVERY_UPDATE);
    coordinator.tell(join("a", 1, 1, "model", "data"));
    update(coordinator, 0);
    TestProbe<EvaluatorMessage> first = kit.createTestProbe(EvaluatorMessage.class);
    TestProbe<EvaluatorMessage> second = kit.createTestProbe(EvaluatorMessage.class);
    coordinator.tell(new CoordinatorMessage.EvaluatorReady("first", first.getRef()));
    coordinator.tell(new CoordinatorMessage.TrackKept(1, 8, "ema", new TensorTicket("ticket", 2)));
    EvaluatePart lost = first.expectMessageClass(EvaluatePart.class);
    coordinator.tell(new CoordinatorMessage.EvaluatorReady("second", second.getRef()));

    first.stop();

    EvaluatePart again = second.expectMessageClass(EvaluatePart.class);
    assertThat(again.part()).isGreaterThan(lost.part());
    assertThat(again).usingRecursiveComparison().ignoringFields("part").isEqualTo(lost);
  }

  @Test
  void shouldTellEvaluatorsAndReleaseParametersWhenEvaluationsAreCancelled() {
    ActorRef<CoordinatorMessage> coordinator = start(EVERY_UPDATE);
    TestProbe<ScheduleReply> asker = kit.createTestProbe(ScheduleReply.class);
    TestProbe<EvaluatorMessage> evaluator = kit.createTestProbe(EvaluatorMessage.class);
    coordinator.tell(join("a", 1, 1, "model", "data"));
    update(coordinator, 0);
    coordinator.tell(new CoordinatorMessage.EvaluatorReady("e", evaluator.getRef()));
    coordinator.tell(new CoordinatorMessage.TrackKept(1, 8, "ema", new TensorTicket("ticket", 2)));
    EvaluatePart part = evaluator.expectMessageClass(EvaluatePart.class);

    coordinator.tell(
        new CoordinatorMessage.ReplaceSchedule(1, NO_EVALUATION, true, asker.getRef()));

    asker.expectMessageClass(ScheduleReply.Replaced.class);
    evaluator.expectMessage(new EvaluatorMessage.CancelPart(part.part()));
    assertThat(heard).contains("cancelled all of ema at 1");
    server.expectNoMessage(Duration.ofMillis(50));
    coordinator.tell(new CoordinatorMessage.PartDone("e", part.part(), List.of()));
    server.expectMessage(new ServerMessage.ReleaseTrack(1, "ema"));
  }

  private ActorRef<CoordinatorMessage> start(EvaluationSchedule schedule) {
    ActorRef<CoordinatorMessage> coordinator =
        kit.spawn(
            RunCoordinator.create(settings(schedule), listener(), transport, finished.getRef()));
    coordinator.tell(new CoordinatorMessage.ServerReady(1, 0, 0, server.getRef()));
    return coordinator;
  }

  private static RunCoordinator.Settings settings(EvaluationSchedule schedule) {
    return new RunCoordinator.Settings(
        PLAN, IDENTITY, schedule, 1, Duration.ofMinutes(1), List.of(), LIMITS);
  }

  private RunListener listener() {
    return new RunListener() {
      @Override
      public void onTrainerReachable(String name, boolean reachable) {
        heard.add((reachable ? "!" : "?") + name);
      }

      @Override
      public void onTick(TickStatistics statistics) {
        heard.add("tick");
      }

      @Override
      public void onEvaluationCancelled(long version, long images, String track, String entry) {
        heard.add("cancelled %s of %s at %d".formatted(entry, track, version));
      }

      @Override
      public void onCheckpoint(long version, long images, Path path) {
        heard.add(path.toString());
      }

      @Override
      public void onTrainerJoined(String name, long incarnation) {
        heard.add("+" + name + "/" + incarnation);
      }

      @Override
      public void onTrainerLeft(String name, long incarnation) {
        heard.add("-" + name + "/" + incarnation);
      }
    };
  }

  private Join join(String name, long incarnation, int protocol, String model, String data) {
    return new Join(name, incarnation, protocol, model, data, "cpu", trainer.getRef());
  }

  private String refusal() {
    return trainer.expectMessageClass(TrainerMessage.Refused.class).reason();
  }

  private LeaseGranted lease(ActorRef<CoordinatorMessage> coordinator, int units) {
    coordinator.tell(new RequestLease("loader", units, loader.getRef()));
    return loader.expectMessageClass(LeaseGranted.class);
  }

  /** Pushes the units of an update, backwards, and publishes it. */
  private Decision update(ActorRef<CoordinatorMessage> coordinator, long version) {
    List<PushId> pushes = new ArrayList<>();
    pushes.add(push(coordinator, version * 2 + 1, version));
    pushes.add(0, push(coordinator, version * 2, version));
    Decision decision = server.expectMessageClass(Decision.class);
    assertThat(decision.pushes()).isEqualTo(pushes);
    coordinator.tell(
        new CoordinatorMessage.Published(1, decision.version(), decision.images(), 1, 1));
    return decision;
  }

  private PushId push(ActorRef<CoordinatorMessage> coordinator, long unit, long version) {
    PushId id = new PushId("a", 1, ++rounds);
    coordinator.tell(
        new CoordinatorMessage.Staged(
            id, 1, unit, version, 4, new UnitReport(1, 1, 1, 1, 1, 1, 1), ""));
    assertThat(server.expectMessageClass(Judged.class)).isEqualTo(new Judged(id, Verdict.ACCEPTED));
    return id;
  }
}
