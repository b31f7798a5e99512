package org.fewstep.actors.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.fewstep.actors.Schedules;
import org.fewstep.actors.evaluator.EvaluationJob;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.server.CheckpointWriter;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.optim.Snapshot;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.ScheduleReply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A schedule that is replaced while a run goes on. */
@Timeout(60)
class LiveScheduleTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int REPLACEMENTS = 50;
  private static final int UPDATES = 2 * REPLACEMENTS;

  /** Notes what is due, part by part, and what is evaluated. */
  private static final class Noting extends FakeTraining {
    final Map<String, Integer> due = new ConcurrentHashMap<>();
    final List<String> made = new CopyOnWriteArrayList<>();

    static String name(long version, String track, String entry, Object sampler, int steps) {
      return "%d %s %s %s %d".formatted(version, track, entry, sampler, steps);
    }

    @Override
    public Evaluations newEvaluations() {
      return new FakeEvaluations() {
        @Override
        public EvaluationJob begin(EvaluationPart part) throws Exception {
          made.add(
              name(
                  part.version(), part.track(), part.entry().name(), part.sampler(), part.steps()));
          return super.begin(part);
        }
      };
    }

    @Override
    public CheckpointWriter newCheckpointWriter() {
      CheckpointWriter real = super.newCheckpointWriter();
      return new CheckpointWriter() {
        @Override
        public java.nio.file.Path write(ParameterSet.State state) throws java.io.IOException {
          return real.write(state);
        }

        @Override
        public void owe(Snapshot parameters, EvaluationSchedule schedule) {
          for (EvaluationEntry entry : schedule.entries()) {
            for (var sampler : entry.samplers()) {
              for (int steps : entry.steps()) {
                due.merge(
                    name(parameters.version(), parameters.track(), entry.name(), sampler, steps),
                    1,
                    Integer::sum);
              }
            }
          }
        }
      };
    }
  }

  /** EVAL-1: replaced 50 times, 15 of them in vain, no evaluation is lost or made twice. */
  @Test
  void shouldMakeEveryEvaluationOnceWhenTheScheduleIsReplacedFiftyTimes() throws Exception {
    Noting training = new Noting();
    Semaphore go = new Semaphore(0);
    RecordingListener listener =
        new RecordingListener(
            progress -> {
              if (progress.version() % 2 == 0) {
                go.release();
              }
            });
    LocalRun run =
        LocalRun.start(
            FakeTraining.settings(2, UPDATES), training, listener, ConfigFactory.empty());
    Random random = new Random(8);
    int refused = 0;
    int replaced = 0;
    long version = 1;
    for (int i = 0; i < REPLACEMENTS; i++) {
      go.acquire();
      boolean invalid = i % 10 >= 7;
      String track = i % 10 == 7 ? "fast" : random.nextBoolean() ? FakeTraining.TRACK : "live";
      long expected = i % 10 == 8 ? version + 1 : i % 10 == 9 ? version - 1 : version;
      EvaluationSchedule replacement =
          Schedules.of(
              Schedules.entry("a", List.of(), 12L + random.nextInt(40), List.of(1, 2), track),
              Schedules.entry("b", List.of(), 12L + random.nextInt(40), List.of(4), "live"));
      ScheduleReply reply =
          run.<ScheduleReply>ask(
                  replyTo ->
                      new CoordinatorMessage.ReplaceSchedule(expected, replacement, false, replyTo),
                  PATIENCE)
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      if (invalid) {
        refused++;
        assertThat(reply).isNotInstanceOf(ScheduleReply.Replaced.class);
      } else {
        replaced++;
        version++;
        assertThat(reply).isEqualTo(new ScheduleReply.Replaced(replacement.withVersion(version)));
      }
    }
    run.finished().toCompletableFuture().get(50, TimeUnit.SECONDS);

    assertThat(refused).isEqualTo(15);
    assertThat(replaced).isEqualTo(35);
    assertThat(listener.schedules).hasSize(35);
    assertThat(training.due.values()).containsOnly(1);
    assertThat(training.made)
        .doesNotHaveDuplicates()
        .hasSizeGreaterThan(REPLACEMENTS)
        .containsExactlyInAnyOrderElementsOf(training.due.keySet());
    assertThat(listener.scores).hasSameSizeAs(training.made);
    assertThat(listener.cancelled).isEmpty();
    assertThat(listener.evaluatedTracks).doesNotHaveDuplicates();
  }

  @Test
  void shouldSayWhatWasCancelledAndMakeTheRestWhenRunningEvaluationsAreCancelled()
      throws Exception {
    Semaphore begun = new Semaphore(0);
    Semaphore goOn = new Semaphore(0);
    List<Long> started = new ArrayList<>();
    FakeTraining training =
        new FakeTraining() {
          @Override
          public Evaluations newEvaluations() {
            return new FakeEvaluations() {
              @Override
              public EvaluationJob begin(EvaluationPart part) throws Exception {
                started.add(part.version());
                begun.release();
                goOn.acquire();
                return super.begin(part);
              }
            };
          }
        };
    RecordingListener listener = new RecordingListener();
    LocalRun run =
        LocalRun.start(FakeTraining.settings(1, 20), training, listener, ConfigFactory.empty());
    begun.acquire();
    EvaluationSchedule last =
        Schedules.of(Schedules.entry("last", List.of(), 0, List.of(1), FakeTraining.TRACK));

    ScheduleReply reply =
        run.<ScheduleReply>ask(
                replyTo -> new CoordinatorMessage.ReplaceSchedule(1, last, true, replyTo), PATIENCE)
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    goOn.release(1000);
    run.finished().toCompletableFuture().get(50, TimeUnit.SECONDS);

    assertThat(reply).isInstanceOf(ScheduleReply.Replaced.class);
    assertThat(listener.cancelled).contains("10 half half");
    assertThat(listener.scores).allMatch(score -> score.version() == 20);
    assertThat(listener.evaluatedTracks).containsExactly("10 half", "20 half");
    assertThat(started).startsWith(10L);
  }
}
