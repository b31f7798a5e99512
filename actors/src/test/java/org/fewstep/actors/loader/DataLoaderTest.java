package org.fewstep.actors.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.fewstep.actors.ActorTest;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.CoordinatorMessage.RequestLease;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.LoaderMessage.LeaseGranted;
import org.fewstep.protocol.LoaderMessage.VersionPublished;
import org.fewstep.protocol.TrainerMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DataLoaderTest extends ActorTest {
  private static final Duration A_MOMENT = Duration.ofMillis(50);

  private final List<Long> read = new CopyOnWriteArrayList<>();
  private TestProbe<CoordinatorMessage> coordinator;
  private TestProbe<TrainerMessage> trainer;
  private TestProbe<TrainerMessage> other;
  private ActorRef<LoaderMessage> loader;

  @BeforeEach
  void startLoader() {
    read.clear();
    coordinator = kit.createTestProbe(CoordinatorMessage.class);
    trainer = kit.createTestProbe(TrainerMessage.class);
    other = kit.createTestProbe(TrainerMessage.class);
    loader = kit.spawn(DataLoader.create("loader", this::unit, 3, coordinator.getRef()));
  }

  @Test
  void shouldReadAheadButNoMoreThanItsShelfHoldsWhenNobodyAsks() {
    expectRequest(3);
    loader.tell(new LeaseGranted(1, 0, 0, 2, 1000, 0));
    expectRequest(1);
    loader.tell(new LeaseGranted(2, 1, 2, 1, 1000, 0));

    coordinator.expectNoMessage(A_MOMENT);
    assertThat(read).containsExactly(0L, 1L, 2L);
  }

  @Test
  void shouldAskAgainWhenItsRequestOrTheAnswerGotLost() {
    expectRequest(3);
    loader.tell(new DataLoader.AskAgain());
    coordinator.expectNoMessage(A_MOMENT);
    loader.tell(new DataLoader.AskAgain());
    expectRequest(3);

    loader.tell(new LeaseGranted(1, 0, 0, 3, 1000, 0));
    loader.tell(new DataLoader.AskAgain());
    loader.tell(new DataLoader.AskAgain());
    coordinator.expectNoMessage(A_MOMENT);
  }

  @Test
  void shouldHandOutTheLowestUnitWhenTrainersAsk() {
    expectRequest(3);
    loader.tell(new LeaseGranted(1, 0, 4, 2, 1000, 0));
    loader.tell(new RequestUnit(trainer.getRef()));
    loader.tell(new RequestUnit(other.getRef()));

    assertThat(index(trainer)).isEqualTo(4);
    assertThat(index(other)).isEqualTo(5);
  }

  @Test
  void shouldKeepAUnitWhenItsVersionIsNotPublishedYet() {
    expectRequest(3);
    loader.tell(new LeaseGranted(1, 1, 2, 2, 1000, 0));
    loader.tell(new RequestUnit(trainer.getRef()));
    trainer.expectNoMessage(A_MOMENT);

    loader.tell(new VersionPublished(1, 8));

    UnitReady handedOut = trainer.expectMessageClass(UnitReady.class);
    assertThat(handedOut.unit().index()).isEqualTo(2);
    assertThat(handedOut.waitedNanos()).isBetween(0L, A_MOMENT.toNanos() - 1);
  }

  @Test
  void shouldTellHowLongATrainerWaitedWhenItsUnitWasNotReadYet() {
    CompletableFuture<Void> mayRead = new CompletableFuture<>();
    ActorRef<LoaderMessage> slow =
        kit.spawn(
            DataLoader.create(
                "slow",
                index -> {
                  mayRead.join();
                  return unit(index);
                },
                1,
                coordinator.getRef()));
    slow.tell(new LeaseGranted(1, 0, 0, 1, 1000, 0));
    slow.tell(new RequestUnit(trainer.getRef()));
    trainer.expectNoMessage(A_MOMENT);
    mayRead.complete(null);

    assertThat(trainer.expectMessageClass(UnitReady.class).waitedNanos())
        .isGreaterThan(A_MOMENT.toNanos() / 2);
  }

  /** A unit of the present version that somebody gave back must not wait behind a full shelf. */
  @Test
  void shouldAskForMoreThanItsShelfHoldsWhenATrainerWaitsForThePresentVersion() {
    expectRequest(3);
    loader.tell(new LeaseGranted(1, 1, 2, 3, 1000, 0));
    coordinator.expectNoMessage(A_MOMENT);

    loader.tell(new RequestUnit(trainer.getRef()));

    expectRequest(1);
    loader.tell(new LeaseGranted(2, 0, 1, 1, 1000, 0));
    assertThat(index(trainer)).isEqualTo(1);
  }

  @Test
  void shouldGiveTheUnitToAnotherTrainerWhenItsTrainerEnds() {
    expectRequest(3);
    loader.tell(new LeaseGranted(1, 0, 0, 1, 1000, 0));
    loader.tell(new RequestUnit(trainer.getRef()));
    assertThat(index(trainer)).isZero();
    loader.tell(new RequestUnit(other.getRef()));
    other.expectNoMessage(A_MOMENT);

    trainer.stop();

    assertThat(index(other)).isZero();
    assertThat(read).containsExactly(0L);
  }

  @Test
  void shouldForgetTheUnitWhenItsTrainerAskedForAnotherOne() {
    expectRequest(3);
    loader.tell(new LeaseGranted(1, 0, 0, 1, 1000, 0));
    loader.tell(new RequestUnit(trainer.getRef()));
    assertThat(index(trainer)).isZero();
    loader.tell(new RequestUnit(trainer.getRef()));
    loader.tell(new RequestUnit(other.getRef()));

    trainer.stop();

    other.expectNoMessage(A_MOMENT);
  }

  @Test
  void shouldDropUnitsWhenTheirVersionIsGone() {
    expectRequest(3);
    loader.tell(new LeaseGranted(1, 0, 0, 2, 1000, 0));
    expectRequest(1);
    loader.tell(new VersionPublished(1, 8));
    loader.tell(new LeaseGranted(2, 1, 2, 1, 1000, 1));
    loader.tell(new RequestUnit(trainer.getRef()));

    assertThat(index(trainer)).isEqualTo(2);
  }

  private void expectRequest(int units) {
    coordinator.expectMessage(new RequestLease("loader", units, loader));
  }

  private static long index(TestProbe<TrainerMessage> probe) {
    return probe.expectMessageClass(UnitReady.class).unit().index();
  }

  private Unit unit(long index) {
    read.add(index);
    return new Unit(index, new ImageShape(1, 1, 1), new double[2], new int[2]);
  }
}
