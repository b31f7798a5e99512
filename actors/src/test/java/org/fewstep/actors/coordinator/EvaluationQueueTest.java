package org.fewstep.actors.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.fewstep.actors.Schedules;
import org.fewstep.actors.coordinator.EvaluationQueue.Assignment;
import org.fewstep.actors.coordinator.EvaluationQueue.Ended;
import org.fewstep.actors.coordinator.EvaluationQueue.TrackEnded;
import org.fewstep.config.SamplerKind;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.EvaluatorMessage.EvaluatePart;
import org.fewstep.protocol.TensorTicket;
import org.junit.jupiter.api.Test;

class EvaluationQueueTest {
  private static final TensorTicket TICKET = new TensorTicket("ticket", 4);
  private static final EvaluationSchedule DUE =
      Schedules.of(
          Schedules.onDemand(
              "grid", List.of(SamplerKind.PUSHFORWARD, SamplerKind.RESTART), List.of(4, 1), "ema"),
          Schedules.onDemand("quick", List.of(SamplerKind.PUSHFORWARD), List.of(1), "ema", "live"));

  private final EvaluationQueue queue = new EvaluationQueue();

  @Test
  void shouldHandOutNothingUntilTheParametersAreThere() {
    queue.add(3, 30, "ema", DUE);
    queue.join("a");
    assertThat(queue.assign()).isEmpty();

    assertThat(queue.kept(3, "ema", TICKET)).isTrue();

    assertThat(queue.assign())
        .containsExactly(
            new Assignment(
                "a",
                new EvaluatePart(
                    1, 3, 30, "ema", DUE.entries().get(0), SamplerKind.PUSHFORWARD, 4, TICKET)));
    assertThat(queue.assign()).as("a is busy").isEmpty();
  }

  @Test
  void shouldPutScoresInTheOrderOfTheEntryWhenPartsEndInAnyOrder() {
    queue.add(3, 30, "ema", DUE);
    queue.kept(3, "ema", TICKET);
    List<String> names = List.of("a", "b", "c", "d", "e");
    names.forEach(queue::join);
    Map<String, EvaluatePart> parts = new TreeMap<>();
    queue.assign().forEach(assignment -> parts.put(assignment.evaluator(), assignment.part()));

    List<Ended> ended = new ArrayList<>();
    List<TrackEnded> tracks = new ArrayList<>();
    for (String name : List.of("d", "b", "e", "a", "c")) {
      EvaluatePart part = parts.get(name);
      EvaluationQueue.Outcome outcome =
          queue.done(name, part.part(), List.of(part.sampler() + " " + part.steps()));
      outcome.evaluation().ifPresent(ended::add);
      outcome.track().ifPresent(tracks::add);
    }

    assertThat(ended)
        .containsExactly(
            new Ended(3, 30, "ema", "quick", List.of("PUSHFORWARD 1")),
            new Ended(
                3,
                30,
                "ema",
                "grid",
                List.of("PUSHFORWARD 4", "PUSHFORWARD 1", "RESTART 4", "RESTART 1")));
    assertThat(tracks).containsExactly(new TrackEnded(3, 30, "ema"));
    assertThat(queue.tracksUnderWay()).isZero();
  }

  @Test
  void shouldDropAnAnswerWhenItsPartWasGivenToAnother() {
    queue.add(3, 30, "live", DUE);
    queue.kept(3, "live", TICKET);
    queue.join("a");
    long first = queue.assign().get(0).part().part();
    queue.join("a");
    long second = queue.assign().get(0).part().part();

    assertThat(second).isGreaterThan(first);
    assertThat(queue.done("a", first, List.of("late"))).isEqualTo(EvaluationQueue.Outcome.NOTHING);
    assertThat(queue.done("a", second, List.of("score")).evaluation())
        .contains(new Ended(3, 30, "live", "quick", List.of("score")));
    assertThat(queue.done("a", second, List.of("again")))
        .isEqualTo(EvaluationQueue.Outcome.NOTHING);
  }

  @Test
  void shouldHoldParametersUntilTheirReaderIsDoneWhenItIsCancelled() {
    queue.add(3, 30, "ema", DUE);
    queue.add(3, 30, "live", DUE);
    queue.kept(3, "ema", TICKET);
    queue.join("a");
    long part = queue.assign().get(0).part().part();

    EvaluationQueue.Cancelled cancelled = queue.cancel();

    assertThat(cancelled.evaluations())
        .extracting(Ended::track, Ended::entry)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("ema", "grid"),
            org.assertj.core.groups.Tuple.tuple("ema", "quick"),
            org.assertj.core.groups.Tuple.tuple("live", "quick"));
    assertThat(cancelled.running()).containsExactly(Map.entry("a", part));
    assertThat(cancelled.tracks()).isEmpty();
    assertThat(queue.kept(3, "live", TICKET)).isFalse();
    assertThat(queue.endIfCancelled(3, "live")).contains(new TrackEnded(3, 30, "live"));
    assertThat(queue.done("a", part, List.of()).track()).contains(new TrackEnded(3, 30, "ema"));
    assertThat(queue.tracksUnderWay()).isZero();
  }

  /** EVAL-1: evaluators come, go and answer late; every evaluation ends once. */
  @Test
  void shouldEndEveryEvaluationOnceWhenEvaluatorsComeAndGo() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      EvaluationQueue shared = new EvaluationQueue();
      List<String> ended = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      List<Assignment> handedOut = new ArrayList<>();
      int versions = 0;
      while (versions < 12 || shared.tracksUnderWay() > 0) {
        String evaluator = "e" + random.nextInt(3);
        switch (random.nextInt(6)) {
          case 0 -> {
            if (versions < 12) {
              versions++;
              for (String track : DUE.tracks()) {
                shared.add(versions, versions * 10L, track, DUE);
                shared.kept(versions, track, TICKET);
                for (var entry : DUE.on(track).entries()) {
                  expected.add(versions + track + entry.name());
                }
              }
            }
          }
          case 1 -> shared.join(evaluator);
          case 2 -> shared.lost(evaluator);
          default -> {
            handedOut.addAll(shared.assign());
            if (!handedOut.isEmpty()) {
              Assignment one = handedOut.get(Math.max(0, handedOut.size() - 1 - random.nextInt(6)));
              EvaluatePart part = one.part();
              shared
                  .done(one.evaluator(), part.part(), List.of(part.sampler() + "" + part.steps()))
                  .evaluation()
                  .ifPresent(
                      e -> {
                        ended.add(e.version() + e.track() + e.entry());
                        assertThat(e.scores())
                            .doesNotHaveDuplicates()
                            .hasSize(e.entry().equals("grid") ? 4 : 1);
                      });
            }
          }
        }
      }
      assertThat(ended)
          .as("seed %d", seed)
          .doesNotHaveDuplicates()
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }
}
