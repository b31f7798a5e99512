package org.fewstep.actors.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.fewstep.actors.ActorTest;
import org.fewstep.actors.loader.RequestUnit;
import org.fewstep.actors.loader.UnitReady;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.model.objective.UnitStatistics;
import org.fewstep.model.optim.LearningRate;
import org.fewstep.model.optim.LocalSteps;
import org.fewstep.model.optim.Optimizers;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.CoordinatorMessage.Join;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.LoaderMessage.LeaseGranted;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.ServerMessage.PullSnapshot;
import org.fewstep.protocol.ServerMessage.Push;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.TrainerMessage.Snapshot;
import org.fewstep.protocol.Verdict;
import org.fewstep.protocol.bulk.BulkTransport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrainerTest extends ActorTest {
  private static final Trainer.Identity IDENTITY =
      new Trainer.Identity("a", 2, "model", "data", "cpu:0");

  private final List<Float> loaded = new CopyOnWriteArrayList<>();
  private TestProbe<CoordinatorMessage> coordinator;
  private TestProbe<ServerMessage> server;
  private TestProbe<LoaderMessage> loader;
  private ActorRef<TrainerMessage> trainer;
  private ActorRef<TrainerMessage> snapshotAhead;

  @BeforeEach
  void startTrainer() {
    loaded.clear();
    coordinator = kit.createTestProbe(CoordinatorMessage.class);
    server = kit.createTestProbe(ServerMessage.class);
    loader = kit.createTestProbe(LoaderMessage.class);
    trainer =
        kit.spawn(
            Trainer.create(IDENTITY, DoublingLearner::new, peers(TensorCodec.BFLOAT16)), PINNED);
  }

  private Trainer.Peers peers(TensorCodec codec) {
    return new Trainer.Peers(
        coordinator.getRef(), server.getRef(), loader.getRef(), transport, codec);
  }

  /** In place of the patient trainer, one that asks again at once. */
  private void startImpatientTrainer(Supplier<LocalRound> localRound) {
    coordinator.expectMessageClass(Join.class);
    kit.stop(trainer);
    trainer =
        kit.spawn(
            Trainer.create(
                IDENTITY,
                new Trainer.Work(DoublingLearner::new, localRound),
                peers(TensorCodec.FLOAT32),
                Duration.ofMillis(20)),
            PINNED);
    admit();
  }

  @Test
  void shouldPullAndPushAgainWhenMessagesGetLost() {
    startImpatientTrainer(null);
    trainer.tell(unit(6, 3));
    PullSnapshot pull = server.expectMessageClass(PullSnapshot.class);

    assertThat(server.expectMessageClass(PullSnapshot.class)).isEqualTo(pull);
    trainer.tell(snapshot(3, 1.5f));
    Push push = nextPush();
    assertThat(nextPush()).isEqualTo(push);
    trainer.tell(new TrainerMessage.PushAck(1, Verdict.ACCEPTED));
    expectRequest();
    trainer.tell(unit(7, 3));
    Push second = nextPush();
    while (second.equals(push)) {
      second = nextPush();
    }
    assertThat(second.push().round()).isEqualTo(2);
    assertThat(nextPush()).as("the first is answered").isEqualTo(second);
  }

  /** A trainer of local steps goes on from its round's answer alone, so that must not get lost. */
  @Test
  void shouldGoOnWithOneNextRoundWhenAnswersToARoundGetLostOrComeTwice() {
    startImpatientTrainer(
        () ->
            new LocalRound(
                new LocalSteps(
                    Optimizers.adam(2, 0.9, 0.99, 1e-8, 0), LearningRate.constant(0.1), false),
                1));
    trainer.tell(unit(6, LeaseGranted.ANY_VERSION));
    server.expectMessageClass(PullSnapshot.class);
    Snapshot start = snapshot(3, 1.5f);
    trainer.tell(start);
    trainer.tell(start);
    Push push = nextPush();
    assertThat(nextPush()).as("its answer got lost").isEqualTo(push);
    expectRequest();
    trainer.tell(unit(7, LeaseGranted.ANY_VERSION));

    trainer.tell(new TrainerMessage.PushAck(1, Verdict.ACCEPTED, 4));
    trainer.tell(new TrainerMessage.PushAck(1, Verdict.ACCEPTED, 4));

    assertThat(nextPull()).isEqualTo(new PullSnapshot(4, trainer));
    assertThat(nextPull()).as("its answer got lost").isEqualTo(new PullSnapshot(4, trainer));
    trainer.tell(start);
    Snapshot next = snapshot(4, 2.5f);
    trainer.tell(next);
    trainer.tell(next);
    Push second = nextPush();
    while (second.equals(push)) {
      second = nextPush();
    }
    assertThat(second.push().round()).isEqualTo(2);
    assertThat(second.baseVersion()).isEqualTo(4);
    assertThat(loaded).containsExactly(1.5f, 2.5f);
  }

  private Push nextPush() {
    return next(Push.class);
  }

  private PullSnapshot nextPull() {
    return next(PullSnapshot.class);
  }

  private <T extends ServerMessage> T next(Class<T> kind) {
    ServerMessage message = server.receiveMessage();
    while (!kind.isInstance(message)) {
      message = server.receiveMessage();
    }
    return kind.cast(message);
  }

  @Test
  void shouldJoinBeforeItAsksForAUnit() {
    assertThat(coordinator.receiveMessage())
        .isEqualTo(new Join("a", 2, 1, "model", "data", "cpu:0", trainer));
    loader.expectNoMessage();
  }

  @Test
  void shouldPushTheGradientAtTheUnitsVersionWhenItHasOne() throws Exception {
    admit();
    trainer.tell(unit(6, 3));
    server.expectMessage(new PullSnapshot(3, trainer));
    trainer.tell(snapshot(3, 1.5f));

    Push push = server.expectMessageClass(Push.class);

    assertThat(push.push()).isEqualTo(new PushId("a", 2, 1));
    assertThat(push.unit()).isEqualTo(6);
    assertThat(push.baseVersion()).isEqualTo(3);
    assertThat(push.epoch()).isEqualTo(1);
    assertThat(push.images()).isEqualTo(2);
    assertThat(push.report().loss()).isEqualTo(0.25);
    assertThat(push.report().crossKernel()).isEqualTo(3);
    assertThat(push.report().gradientNorm()).isCloseTo(Math.sqrt(18), within(1e-9));
    assertThat(push.report().computeSeconds()).isPositive();
    assertThat(push.report().waitingSeconds()).isPositive();
    assertThat(push.gradient().codec()).isEqualTo(TensorCodec.BFLOAT16);
    assertThat(transport.fetch(push.gradient()).toCompletableFuture().get()).containsExactly(3, 3);
  }

  @Test
  void shouldLoadParametersOnceWhenUnitsAreOfOneVersion() {
    admit();
    trainer.tell(unit(6, 3));
    server.expectMessageClass(PullSnapshot.class);
    trainer.tell(snapshot(3, 1.5f));
    server.expectMessageClass(Push.class);
    expectRequest();
    trainer.tell(unit(7, 3));

    assertThat(server.expectMessageClass(Push.class).push().round()).isEqualTo(2);
    assertThat(loaded).hasSize(1);
  }

  /** The parameters of the next update come while the unit before is computed. */
  @Test
  void shouldFetchTheNextVersionWhileItComputesADelayedUnit() throws Exception {
    coordinator.expectMessageClass(Join.class);
    kit.stop(trainer);
    CountDownLatch fetched = new CountDownLatch(2);
    trainer =
        kit.spawn(
            Trainer.create(
                IDENTITY,
                () -> new DoublingLearner(fetched),
                new Trainer.Peers(
                    coordinator.getRef(),
                    server.getRef(),
                    loader.getRef(),
                    new CountingTransport(fetched),
                    TensorCodec.FLOAT32)),
            PINNED);
    admit();
    trainer.tell(unit(6, 3, 1));
    server.expectMessage(new PullSnapshot(3, trainer));
    trainer.tell(snapshot(3, 1.5f));

    server.expectMessageClass(PullSnapshot.class).replyTo().tell(snapshot(4, 2.5f));

    assertThat(server.expectMessageClass(Push.class).baseVersion()).isEqualTo(3);
    assertThat(fetched.getCount()).isZero();
  }

  @Test
  void shouldTakeTheNextVersionWhenItIsThere() {
    beginDelayedUnit();
    snapshotAhead.tell(snapshot(4, 2.5f));
    expectRequest();
    trainer.tell(unit(8, 4, 1));

    assertThat(server.expectMessageClass(PullSnapshot.class).minVersion()).isEqualTo(5);
    assertThat(server.expectMessageClass(Push.class).baseVersion()).isEqualTo(4);
    assertThat(loaded).containsExactly(1.5f, 2.5f);
  }

  @Test
  void shouldKeepTheNextVersionUntilAUnitNeedsIt() {
    beginDelayedUnit();
    snapshotAhead.tell(snapshot(4, 2.5f));
    expectRequest();
    trainer.tell(unit(7, 3, 1));

    assertThat(server.expectMessageClass(Push.class).baseVersion()).isEqualTo(3);
    trainer.tell(new TrainerMessage.PushAck(1, Verdict.ACCEPTED));
    expectRequest();
    trainer.tell(unit(8, 4, 1));
    server.expectMessageClass(PullSnapshot.class);
    assertThat(server.expectMessageClass(Push.class).baseVersion()).isEqualTo(4);
    assertThat(loaded).containsExactly(1.5f, 2.5f);
  }

  @Test
  void shouldAskAgainWhenTheNextVersionDidNotCome() {
    beginDelayedUnit();
    snapshotAhead.tell(new Snapshot(1, 4, 32, new TensorTicket("released", 2)));
    expectRequest();
    trainer.tell(unit(8, 4, 1));

    server.expectMessage(new PullSnapshot(4, trainer));
    trainer.tell(snapshot(4, 2.5f));
    server.expectMessageClass(PullSnapshot.class);
    assertThat(server.expectMessageClass(Push.class).baseVersion()).isEqualTo(4);
  }

  private void beginDelayedUnit() {
    admit();
    trainer.tell(unit(6, 3, 1));
    server.expectMessage(new PullSnapshot(3, trainer));
    trainer.tell(snapshot(3, 1.5f));
    PullSnapshot ahead = server.expectMessageClass(PullSnapshot.class);
    assertThat(ahead.minVersion()).isEqualTo(4);
    snapshotAhead = ahead.replyTo();
    server.expectMessageClass(Push.class);
  }

  @Test
  void shouldDropTheUnitWhenItsVersionIsGone() {
    admit();
    trainer.tell(unit(6, 3));
    server.expectMessageClass(PullSnapshot.class);

    trainer.tell(snapshot(4, 1.5f));

    expectRequest();
    server.expectNoMessage();
  }

  @Test
  void shouldPullAgainWhenTheSnapshotWasReleasedMeanwhile() {
    admit();
    trainer.tell(unit(6, 3));
    server.expectMessageClass(PullSnapshot.class);
    trainer.tell(new Snapshot(1, 3, 24, new TensorTicket("released", 2)));

    server.expectMessage(new PullSnapshot(3, trainer));
    trainer.tell(snapshot(3, 1.5f));

    server.expectMessageClass(Push.class);
  }

  @Test
  void shouldFailWhenNoSnapshotCanBeFetched() {
    admit();
    trainer.tell(unit(6, 3));
    for (int attempt = 0; attempt < 3; attempt++) {
      server.expectMessageClass(PullSnapshot.class);
      trainer.tell(new Snapshot(1, 3, 24, new TensorTicket("released", 2)));
    }

    server.expectTerminated(trainer);
  }

  @Test
  void shouldEndWithoutBeginningAnythingWhenItIsDrained() {
    admit();
    trainer.tell(unit(6, 3));
    server.expectMessageClass(PullSnapshot.class);

    trainer.tell(new Trainer.Drain());

    server.expectTerminated(trainer);
    assertThat(loaded).isEmpty();
  }

  @Test
  void shouldWaitForTheAnswerWhenItIsDrainedBehindAPush() {
    admit();
    trainer.tell(unit(6, 3));
    server.expectMessageClass(PullSnapshot.class);
    trainer.tell(snapshot(3, 1));
    server.expectMessageClass(Push.class);
    expectRequest();

    trainer.tell(new Trainer.Drain());
    trainer.tell(unit(7, 3));
    server.expectNoMessage();
    trainer.tell(new TrainerMessage.PushAck(1, Verdict.ACCEPTED));

    server.expectTerminated(trainer);
  }

  @Test
  void shouldStillEndWhenItAskedForTheAnswerAgainWhileItIsDrained() {
    startImpatientTrainer(null);
    trainer.tell(unit(6, 3));
    server.expectMessageClass(PullSnapshot.class);
    trainer.tell(snapshot(3, 1));
    Push push = nextPush();
    trainer.tell(new Trainer.Drain());
    assertThat(nextPush()).isEqualTo(push);
    assertThat(nextPush()).as("said again while it is drained").isEqualTo(push);

    trainer.tell(new TrainerMessage.PushAck(1, Verdict.ACCEPTED));

    server.expectTerminated(trainer);
  }

  @Test
  void shouldWaitWhenTwoPushesAreUnanswered() {
    admit();
    trainer.tell(unit(6, 3));
    server.expectMessageClass(PullSnapshot.class);
    trainer.tell(snapshot(3, 1));
    server.expectMessageClass(Push.class);
    expectRequest();
    trainer.tell(unit(7, 3));
    server.expectMessageClass(Push.class);
    loader.expectNoMessage();

    trainer.tell(new TrainerMessage.PushAck(1, Verdict.ACCEPTED));
    trainer.tell(new TrainerMessage.PushAck(1, Verdict.ACCEPTED));

    expectRequest();
    loader.expectNoMessage();
  }

  @Test
  void shouldEndWhenTheRunRefusesIt() {
    trainer.tell(new TrainerMessage.Refused("another model"));

    server.expectTerminated(trainer);
  }

  private void admit() {
    coordinator.expectMessageClass(Join.class);
    trainer.tell(new TrainerMessage.Admitted(1));
    expectRequest();
  }

  private void expectRequest() {
    loader.expectMessage(new RequestUnit(trainer));
  }

  private static UnitReady unit(long index, long baseVersion) {
    return unit(index, baseVersion, 0);
  }

  private static UnitReady unit(long index, long baseVersion, int delay) {
    return new UnitReady(
        new Unit(index, new ImageShape(1, 1, 1), new double[2], new int[2]),
        baseVersion,
        delay,
        0,
        0);
  }

  private Snapshot snapshot(long version, float value) {
    return new Snapshot(1, version, version * 8, transport.offer(new float[] {value, value}));
  }

  /** Counts what is fetched. */
  private final class CountingTransport implements BulkTransport {
    private final CountDownLatch fetched;

    CountingTransport(CountDownLatch fetched) {
      this.fetched = fetched;
    }

    @Override
    public TensorTicket offer(float[] tensor, TensorCodec codec) {
      return transport.offer(tensor, codec);
    }

    @Override
    public TensorTicket offer(float[] tensor, TensorCodec codec, Duration timeToLive) {
      return transport.offer(tensor, codec, timeToLive);
    }

    @Override
    public CompletionStage<float[]> fetch(TensorTicket ticket) {
      fetched.countDown();
      return transport.fetch(ticket);
    }

    @Override
    public void release(TensorTicket ticket) {
      transport.release(ticket);
    }
  }

  /** Its gradient is twice its parameters. */
  private final class DoublingLearner implements Learner {
    private final CountDownLatch ends;
    private float[] parameters = new float[2];

    DoublingLearner() {
      this(new CountDownLatch(0));
    }

    /** One whose computations last until a latch is down, or 10 seconds. */
    DoublingLearner(CountDownLatch ends) {
      this.ends = ends;
    }

    @Override
    public int parameters() {
      return 2;
    }

    @Override
    public void load(float[] newParameters) {
      parameters = newParameters;
      loaded.add(newParameters[0]);
    }

    @Override
    public UnitStatistics evaluate(Unit unit, float[] gradient) {
      try {
        assertThat(ends.await(10, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      gradient[0] = 2 * parameters[0];
      gradient[1] = 2 * parameters[1];
      return new UnitStatistics(0.25, 1, 2, 3);
    }
  }
}
