package org.fewstep.actors.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.fewstep.actors.ActorTest;
import org.fewstep.actors.Schedules;
import org.fewstep.model.optim.EmaTrack;
import org.fewstep.model.optim.LearningRate;
import org.fewstep.model.optim.Optimizers;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.CoordinatorMessage.CheckpointWritten;
import org.fewstep.protocol.CoordinatorMessage.Published;
import org.fewstep.protocol.CoordinatorMessage.PushLost;
import org.fewstep.protocol.CoordinatorMessage.ServerReady;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.CoordinatorMessage.TrackKept;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.ServerMessage.Decision;
import org.fewstep.protocol.ServerMessage.Effect;
import org.fewstep.protocol.ServerMessage.Judged;
import org.fewstep.protocol.ServerMessage.PullSnapshot;
import org.fewstep.protocol.ServerMessage.Push;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.TrainerMessage.PushAck;
import org.fewstep.protocol.TrainerMessage.Snapshot;
import org.fewstep.protocol.UnitReport;
import org.fewstep.protocol.Verdict;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParameterServerTest extends ActorTest {
  private static final PushId FIRST = new PushId("a", 1, 1);
  private static final PushId SECOND = new PushId("b", 1, 1);
  private static final EvaluationSchedule SCHEDULE =
      Schedules.of(
          Schedules.entry("both", List.of(), 1, List.of(1), "ema", "live"),
          Schedules.entry("one", List.of(), 1, List.of(1), "ema"));

  private static final org.fewstep.model.optim.Snapshot EARLIER =
      new org.fewstep.model.optim.Snapshot("model", "ema", 0, 0, new float[] {5, 6});

  private final Map<String, EvaluationSchedule> owed = new ConcurrentHashMap<>();
  private TrackKept earlier;
  private final Map<Long, ParameterSet.State> saved = new ConcurrentHashMap<>();
  private TestProbe<CoordinatorMessage> coordinator;
  private TestProbe<TrainerMessage> trainer;
  private ActorRef<ServerMessage> server;

  @BeforeEach
  void startServer() {
    saved.clear();
    coordinator = kit.createTestProbe(CoordinatorMessage.class);
    trainer = kit.createTestProbe(TrainerMessage.class);
    server = kit.spawn(server(ParameterServerTest::parameterSet, 0), PINNED);
    coordinator.expectMessage(new ServerReady(1, 0, 0, server));
    earlier = coordinator.expectMessageClass(TrackKept.class);
  }

  private Behavior<ServerMessage> server(Supplier<ParameterSet> parameters, int delay) {
    return ParameterServer.create(
        new ParameterServer.Settings(
            parameters,
            element -> element == 0 ? "weight" : "bias",
            checkpoints(),
            1,
            TensorCodec.BFLOAT16,
            delay,
            List.of(EARLIER)),
        new ParameterServer.Peers(coordinator.getRef(), transport));
  }

  private CheckpointWriter checkpoints() {
    return new CheckpointWriter() {
      @Override
      public Path write(ParameterSet.State state) {
        saved.put(state.version(), state);
        return Path.of("saved");
      }

      @Override
      public void owe(org.fewstep.model.optim.Snapshot parameters, EvaluationSchedule due) {
        owed.put(parameters.track(), due);
      }
    };
  }

  @Test
  void shouldServeTheSnapshotOfTheNewestVersionWhenItIsOldEnough() throws Exception {
    server.tell(new PullSnapshot(0, trainer.getRef()));
    Snapshot snapshot = trainer.expectMessageClass(Snapshot.class);
    assertThat(snapshot.version()).isZero();
    assertThat(fetch(snapshot.parameters())).containsExactly(1, 2);

    server.tell(new PullSnapshot(1, trainer.getRef()));
    trainer.expectNoMessage();
    applyUpdate();

    Snapshot next = trainer.expectMessageClass(Snapshot.class);
    assertThat(next.version()).isEqualTo(1);
    assertThat(next.images()).isEqualTo(8);
    float[] parameters = reference().snapshot().parameters();
    assertThat(fetch(next.parameters()))
        .isEqualTo(TensorCodec.BFLOAT16.seenByReaders(parameters))
        .isNotEqualTo(parameters);
    assertThat(fetch(snapshot.parameters())).as("still there").containsExactly(1, 2);
  }

  @Test
  void shouldServeTheVersionsThatTrainersWorkAtWhenTheyWorkBehind() throws Exception {
    ParameterSet resumed = reference();
    resumed.setEarlier(List.of(new float[] {7, 8}));
    ActorRef<ServerMessage> behind = kit.spawn(server(() -> resumed, 1), PINNED);
    coordinator.expectMessageClass(ServerReady.class);
    coordinator.expectMessageClass(TrackKept.class);

    behind.tell(new PullSnapshot(0, trainer.getRef()));
    Snapshot earlier = trainer.expectMessageClass(Snapshot.class);
    behind.tell(new PullSnapshot(1, trainer.getRef()));
    Snapshot newest = trainer.expectMessageClass(Snapshot.class);
    behind.tell(new Decision(1, 2, List.of(), 16, null, true, Effect.LEAVE_OUT));
    behind.tell(new PullSnapshot(0, trainer.getRef()));

    assertThat(earlier.version()).isZero();
    assertThat(fetch(earlier.parameters())).containsExactly(7, 8);
    assertThat(newest.version()).isEqualTo(1);
    assertThat(trainer.expectMessageClass(Snapshot.class).version())
        .as("nobody works at version 0 any more")
        .isEqualTo(2);
    coordinator.expectMessageClass(Published.class);
    coordinator.expectMessageClass(CheckpointWritten.class);
    assertThat(saved.get(2L).earlier()).containsExactly(reference().published(1));
  }

  @Test
  void shouldNameTheTensorWhenAGradientIsNotFinite() {
    push(FIRST, 1, Float.NaN);

    assertThat(coordinator.expectMessageClass(Staged.class).notFinite()).isEqualTo("bias");
    server.tell(new Judged(FIRST, Verdict.NOT_FINITE));
    trainer.expectMessage(new PushAck(1, Verdict.NOT_FINITE));
  }

  @Test
  void shouldReleaseTheGradientWhenItHasIt() {
    int before = transport.held();

    push(FIRST, 1, 1);

    coordinator.expectMessageClass(Staged.class);
    assertThat(transport.held()).isEqualTo(before);
  }

  @Test
  void shouldHaveTheUnitComputedAgainWhenItsGradientCannotBeFetched() {
    server.tell(
        new Push(
            FIRST,
            1,
            7,
            0,
            4,
            new UnitReport(1, 1, 1, 1, 1, 1, 1),
            new TensorTicket("gone", 2),
            trainer.getRef()));

    trainer.expectMessage(new PushAck(1, Verdict.NOT_ARRIVED));
    coordinator.expectMessage(new CoordinatorMessage.PushLost(FIRST, 7));
  }

  /** PUSH-1: a repeated push neither counts twice nor costs the one that was accepted. */
  @Test
  void shouldKeepTheAcceptedPushWhenItComesAgain() {
    push(FIRST, 1, 3);
    coordinator.expectMessageClass(Staged.class);
    server.tell(new Judged(FIRST, Verdict.ACCEPTED));
    trainer.expectMessage(new PushAck(1, Verdict.ACCEPTED));

    push(FIRST, 100, 100);

    trainer.expectMessage(new PushAck(1, Verdict.ACCEPTED));
    coordinator.expectNoMessage();
    push(SECOND, 3, 5);
    coordinator.expectMessageClass(Staged.class);
    server.tell(new Judged(SECOND, Verdict.ACCEPTED));
    server.tell(new Decision(1, 1, List.of(FIRST, SECOND), 8, null, false, Effect.APPLY));
    assertThat(coordinator.expectMessageClass(Published.class).gradientNorm())
        .isEqualTo(Math.sqrt(2 * 2 + 4 * 4));
  }

  /** PUSH-1: a trainer that did not hear what became of its push is told again. */
  @Test
  void shouldAnswerAsBeforeWhenARefusedOrAppliedPushComesAgain() {
    push(FIRST, 1, 3);
    coordinator.expectMessageClass(Staged.class);
    server.tell(new Judged(FIRST, Verdict.STALE));
    trainer.expectMessage(new PushAck(1, Verdict.STALE));
    push(SECOND, 1, 3);
    coordinator.expectMessageClass(Staged.class);
    server.tell(new Judged(SECOND, Verdict.ACCEPTED, 1));
    trainer.expectMessage(new PushAck(1, Verdict.ACCEPTED, 1));
    server.tell(new Decision(1, 1, List.of(SECOND), 8, null, false, Effect.APPLY));
    coordinator.expectMessageClass(Published.class);
    int held = transport.held();

    push(FIRST, 1, 3);
    push(SECOND, 1, 3);

    trainer.expectMessage(new PushAck(1, Verdict.STALE));
    trainer.expectMessage(new PushAck(1, Verdict.ACCEPTED, 1));
    coordinator.expectNoMessage();
    assertThat(transport.held()).isEqualTo(held);
  }

  @Test
  void shouldAnswerOnceWhenAPushComesAgainBeforeItIsJudged() {
    push(FIRST, 1, 3);
    push(FIRST, 1, 3);
    coordinator.expectMessageClass(Staged.class);

    coordinator.expectNoMessage();
    server.tell(new Judged(FIRST, Verdict.ACCEPTED));
    trainer.expectMessage(new PushAck(1, Verdict.ACCEPTED));
    trainer.expectNoMessage();
  }

  @Test
  void shouldTakeAPushThatComesAgainWhenItsGradientDidNotArrive() {
    push(FIRST, new TensorTicket("released", 2));
    trainer.expectMessage(new PushAck(1, Verdict.NOT_ARRIVED));
    coordinator.expectMessageClass(PushLost.class);

    push(FIRST, 1, 3);

    assertThat(coordinator.expectMessageClass(Staged.class).push()).isEqualTo(FIRST);
  }

  @Test
  void shouldServeOnceWhenAVersionIsAskedForAgainBeforeItIsThere() {
    server.tell(new PullSnapshot(1, trainer.getRef()));
    server.tell(new PullSnapshot(1, trainer.getRef()));
    applyUpdate();

    assertThat(trainer.expectMessageClass(Snapshot.class).version()).isEqualTo(1);
    trainer.expectNoMessage();
  }

  @Test
  void shouldForgetAPushWhenItWasRefused() {
    push(FIRST, 1, 3);
    coordinator.expectMessageClass(Staged.class);
    server.tell(new Judged(FIRST, Verdict.STALE));
    trainer.expectMessage(new PushAck(1, Verdict.STALE));

    server.tell(new Decision(1, 1, List.of(FIRST), 8, null, false, Effect.APPLY));

    coordinator.expectTerminated(server);
  }

  @Test
  void shouldApplyNothingWhenAPushOfTheDecisionIsMissing() {
    push(FIRST, 1, 3);
    coordinator.expectMessageClass(Staged.class);

    server.tell(new Decision(1, 1, List.of(FIRST, SECOND), 8, null, true, Effect.APPLY));

    coordinator.expectTerminated(server);
    assertThat(saved).isEmpty();
  }

  @Test
  void shouldFailWhenVersionsAreDecidedOutOfOrder() {
    server.tell(new Decision(1, 2, List.of(), 16, null, false, Effect.APPLY));

    coordinator.expectTerminated(server);
  }

  @Test
  void shouldOfferTracksOfExactlyTheDecidedVersionUntilTheyAreReleased() throws Exception {
    stageBoth();
    server.tell(new Decision(1, 1, List.of(FIRST, SECOND), 8, SCHEDULE, false, Effect.APPLY));

    coordinator.expectMessageClass(Published.class);
    TrackKept ema = coordinator.expectMessageClass(TrackKept.class);
    TrackKept live = coordinator.expectMessageClass(TrackKept.class);

    assertThat(ema.track()).isEqualTo("ema");
    assertThat(ema.version()).isEqualTo(1);
    assertThat(ema.images()).isEqualTo(8);
    assertThat(live.track()).isEqualTo("live");
    assertThat(fetch(ema.parameters())).isEqualTo(reference().snapshot("ema").parameters());
    assertThat(fetch(live.parameters())).isEqualTo(reference().snapshot().parameters());
    assertThat(owed)
        .containsEntry("ema", SCHEDULE)
        .containsEntry("live", SCHEDULE.only(entry -> entry.name().equals("both")));
    int held = transport.held();
    server.tell(new ServerMessage.ReleaseTrack(1, "live"));
    server.tell(new ServerMessage.ReleaseTrack(1, "live"));
    coordinator.awaitAssert(
        () -> {
          assertThat(transport.held()).isEqualTo(held - 1);
          return null;
        });
    assertThat(fetch(ema.parameters())).hasSize(2);
  }

  @Test
  void shouldOfferWhatIsStillOwedWhenItBegins() throws Exception {
    assertThat(earlier.version()).isZero();
    assertThat(earlier.track()).isEqualTo("ema");
    assertThat(fetch(earlier.parameters())).containsExactly(5, 6);
  }

  @Test
  void shouldSaveExactlyTheDecidedVersionWhenItIsToBeSaved() {
    stageBoth();
    server.tell(new Decision(1, 1, List.of(FIRST, SECOND), 8, null, true, Effect.APPLY));

    coordinator.expectMessageClass(Published.class);
    coordinator.expectMessage(new CheckpointWritten(1, 8, "saved"));
    assertThat(saved.get(1L)).usingRecursiveComparison().isEqualTo(reference().state());
  }

  private void applyUpdate() {
    stageBoth();
    server.tell(new Decision(1, 1, List.of(FIRST, SECOND), 8, null, false, Effect.APPLY));
  }

  private void stageBoth() {
    push(FIRST, 1, 3);
    push(SECOND, 3, 5);
    coordinator.expectMessageClass(Staged.class);
    coordinator.expectMessageClass(Staged.class);
  }

  /** After one update with the mean gradient of {@link #stageBoth}. */
  private static ParameterSet reference() {
    ParameterSet set = parameterSet();
    set.apply(new float[] {2, 4}, 8);
    return set;
  }

  private static ParameterSet parameterSet() {
    float[] initial = {1, 2};
    return new ParameterSet(
        "model",
        initial,
        Optimizers.adam(2, 0.9, 0.99, 1e-8, 0),
        List.of(new EmaTrack("ema", 100, 0, initial)),
        LearningRate.constant(0.1));
  }

  private void push(PushId id, float... gradient) {
    push(id, transport.offer(gradient));
  }

  private void push(PushId id, TensorTicket gradient) {
    server.tell(
        new Push(id, 1, 0, 0, 4, new UnitReport(1, 1, 1, 1, 1, 1, 1), gradient, trainer.getRef()));
  }

  private float[] fetch(TensorTicket ticket) throws Exception {
    return transport.fetch(ticket).toCompletableFuture().get();
  }
}
