package org.fewstep.actors.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.fewstep.actors.ActorTest;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.CoordinatorMessage.RequestLease;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.LoaderMessage.LeaseGranted;
import org.fewstep.protocol.TrainerMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoundLoaderTest extends ActorTest {
  private static final Duration A_MOMENT = Duration.ofMillis(50);

  private TestProbe<CoordinatorMessage> coordinator;
  private TestProbe<TrainerMessage> trainer;
  private ActorRef<LoaderMessage> loader;

  @BeforeEach
  void startLoader() {
    coordinator = kit.createTestProbe(CoordinatorMessage.class);
    trainer = kit.createTestProbe(TrainerMessage.class);
    loader =
        kit.spawn(RoundLoader.create("loader", RoundLoaderTest::unit, 2, coordinator.getRef()));
    loader.tell(new RequestUnit(trainer.getRef()));
    expectRequest();
  }

  @Test
  void shouldHandOutARoundsUnitsInOrderAndThenAskForTheNextOne() {
    grant(1, 4);

    assertThat(unitInHand()).isEqualTo(4);
    assertThat(nextUnit()).isEqualTo(5);
    coordinator.expectNoMessage(A_MOMENT);
    loader.tell(new RequestUnit(trainer.getRef()));
    expectRequest();
  }

  @Test
  void shouldAskAgainWhenItsRequestOrTheAnswerGotLost() {
    loader.tell(new RoundLoader.AskAgain());
    coordinator.expectNoMessage(A_MOMENT);
    loader.tell(new RoundLoader.AskAgain());
    expectRequest();

    grant(1, 4);
    assertThat(unitInHand()).isEqualTo(4);
    loader.tell(new RoundLoader.AskAgain());
    loader.tell(new RoundLoader.AskAgain());
    coordinator.expectNoMessage(A_MOMENT);
  }

  /** Both answers came: the second one to the question that was asked again. */
  @Test
  void shouldGoOnWithItsRoundAndTakeTheSecondOneAfterItWhenTwoAreGranted() {
    grant(1, 4);
    assertThat(unitInHand()).isEqualTo(4);
    grant(2, 8);

    assertThat(nextUnit()).isEqualTo(5);
    assertThat(nextUnit()).isEqualTo(8);
    coordinator.expectNoMessage(A_MOMENT);
  }

  private void grant(long lease, long firstUnit) {
    loader.tell(new LeaseGranted(lease, LeaseGranted.ANY_VERSION, firstUnit, 2, 1000, 0));
  }

  private void expectRequest() {
    coordinator.expectMessage(new RequestLease("loader", 1, loader));
  }

  private long unitInHand() {
    return trainer.expectMessageClass(UnitReady.class).unit().index();
  }

  private long nextUnit() {
    loader.tell(new RequestUnit(trainer.getRef()));
    return unitInHand();
  }

  private static Unit unit(long index) {
    return new Unit(index, new ImageShape(1, 1, 1), new double[2], new int[2]);
  }
}
