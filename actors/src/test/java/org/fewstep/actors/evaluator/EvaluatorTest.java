package org.fewstep.actors.evaluator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.fewstep.actors.ActorTest;
import org.fewstep.actors.Schedules;
import org.fewstep.config.SamplerKind;
import org.fewstep.model.metrics.Score;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.CoordinatorMessage.EvaluatorReady;
import org.fewstep.protocol.CoordinatorMessage.PartDone;
import org.fewstep.protocol.EvaluatorMessage;
import org.fewstep.protocol.EvaluatorMessage.EvaluatePart;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EvaluatorTest extends ActorTest {
  private static final Duration A_MOMENT = Duration.ofMillis(50);

  private TestProbe<CoordinatorMessage> coordinator;
  private ActorRef<EvaluatorMessage> evaluator;

  @BeforeEach
  void startEvaluator() {
    coordinator = kit.createTestProbe(CoordinatorMessage.class);
    evaluator =
        kit.spawn(Evaluator.create("e", NoScores::new, coordinator.getRef(), transport), PINNED);
    coordinator.expectMessage(new EvaluatorReady("e", evaluator));
  }

  @Test
  void shouldSayThatItIsFreeAgainWhenNoPartCame() {
    evaluator.tell(new Evaluator.SayAgain());

    coordinator.expectMessage(new EvaluatorReady("e", evaluator));
  }

  @Test
  void shouldSayOnceMoreThatAPartIsDoneAndThenThatItIsFree() {
    evaluator.tell(part(7));
    PartDone done = coordinator.expectMessageClass(PartDone.class);
    assertThat(done.part()).isEqualTo(7);

    evaluator.tell(new Evaluator.SayAgain());
    coordinator.expectMessage(done);
    evaluator.tell(new Evaluator.SayAgain());
    coordinator.expectMessage(new EvaluatorReady("e", evaluator));
  }

  @Test
  void shouldSayNothingWhileItWorks() {
    evaluator.tell(part(NoScores.ENDLESS));
    coordinator.expectNoMessage(A_MOMENT);

    evaluator.tell(new Evaluator.SayAgain());

    coordinator.expectNoMessage(A_MOMENT);
    evaluator.tell(new EvaluatorMessage.CancelPart(NoScores.ENDLESS));
    assertThat(coordinator.expectMessageClass(PartDone.class).part()).isEqualTo(NoScores.ENDLESS);
  }

  private EvaluatePart part(long number) {
    return new EvaluatePart(
        number,
        1,
        number, // the images tell the job which part it is
        "ema",
        Schedules.onDemand("e", List.of(SamplerKind.PUSHFORWARD), List.of(1), "ema"),
        SamplerKind.PUSHFORWARD,
        1,
        transport.offer(new float[] {1, 2}));
  }

  /** Ends each part after two steps, but one never. */
  private static final class NoScores implements Evaluations {
    static final long ENDLESS = 99;

    @Override
    public void load(float[] parameters) {
      assertThat(parameters).containsExactly(1, 2);
    }

    @Override
    public EvaluationJob begin(EvaluationPart part) {
      return new EvaluationJob() {
        private int steps;

        @Override
        public boolean step() {
          return part.images() == ENDLESS || ++steps < 2;
        }

        @Override
        public List<Score> scores() {
          return List.of();
        }
      };
    }
  }
}
