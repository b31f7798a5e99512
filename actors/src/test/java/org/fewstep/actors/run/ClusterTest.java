package org.fewstep.actors.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.evaluator.EvaluationJob;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.evaluator.SampleImages;
import org.fewstep.actors.run.WorkerNode.Outcome;
import org.fewstep.actors.run.WorkerNode.Reason;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.protocol.NodeMessage.RunOffer;
import org.fewstep.protocol.bulk.BulkTransport;
import org.fewstep.protocol.bulk.LocalBulkTransport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes of a cluster, each an actor system of its own in this JVM, over sockets. */
@Timeout(120)
class ClusterTest {
  private static final int UPDATES = 20;
  private static final OpenRun RUN = new OpenRun("fake", "batch = 12", Map.of(), "1.0");
  private static final Endpoint HERE = new Endpoint("127.0.0.1", 0);
  private static final Config QUICK =
      ConfigFactory.parseString(
          """
          actor.serialize-messages = on
          cluster.gossip-interval = 100 ms
          cluster.leader-actions-interval = 100 ms
          cluster.typed.receptionist.distributed-data.gossip-interval = 100 ms
          cluster.typed.receptionist.distributed-data.notify-subscribers-interval = 50 ms
          """);

  private final BulkTransport transport = new LocalBulkTransport();

  @Test
  void shouldEndWithTheParametersOfAPlainLoopWhenOtherNodesDoTheWork() throws Exception {
    FakeTraining training = new FakeTraining();
    RecordingListener listener = new RecordingListener();
    CoreNode core = core(training, listener, 0);
    WorkerNode first = worker(core, "first", new FakeTraining());
    WorkerNode second = worker(core, "second", new FakeTraining());

    RunSummary summary = get(core.finished());

    assertThat(summary.version()).isEqualTo(UPDATES);
    assertSame(training.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
    assertThat(training.learners).isEmpty();
    assertThat(get(first.finished()).reason()).isEqualTo(Reason.RUN_ENDED);
    Outcome last = get(second.finished());
    assertThat(last.reason()).isEqualTo(Reason.RUN_ENDED);
    assertThat(last.news().images()).isEqualTo(summary.images());
    assertThat(last.news().failure()).isEmpty();
  }

  @Test
  void shouldGoOnWithTheOthersWhenANodeLeavesAndAnotherOneComes() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    FakeTraining training = new FakeTraining();
    RecordingListener listener = new RecordingListener();
    FakeTraining waitsAtUnitNine =
        new FakeTraining(
            (learner, unit, gradient) -> {
              if (unit.index() >= 9) {
                awaitQuietly(gate);
              }
            });
    CoreNode core = core(training, listener, 0);
    WorkerNode leaving = worker(core, "leaving", waitsAtUnitNine);
    await().until(() -> listener.progress.size() == 3);

    leaving.stop();
    gate.countDown();
    assertThat(get(leaving.finished()).reason()).isEqualTo(Reason.DRAINED);
    await().until(() -> listener.trainers.contains("-leaving/1"));
    long before = listener.progress.size();
    worker(core, "coming", new FakeTraining());

    get(core.finished());
    assertThat(before).isLessThan(UPDATES);
    assertThat(listener.trainers).startsWith("+leaving/1", "-leaving/1", "+coming/1");
    assertSame(training.checkpoints.get(20L), FakeTraining.afterUpdates(UPDATES));
  }

  @Test
  void shouldRefuseANodeWhenItHasAnotherModelOrVersion() throws Exception {
    CoreNode core = core(new FakeTraining(), new RecordingListener(), 0);
    WorkerNode other =
        WorkerNode.start(
            settings(core.endpoint(), "other", "other", "2.0", Duration.ofSeconds(60)),
            offer -> new FakeTraining(),
            new WorkerNode.Listener() {},
            QUICK,
            context -> transport);

    assertThatThrownBy(() -> get(other.finished()))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessage("this node has Fewstep 2.0, the run has 1.0: use the same on both");

    WorkerNode unprepared =
        worker(
            core,
            "unprepared",
            offer -> {
              assertThat(offer.settings()).isEqualTo("batch = 12");
              throw new UserException("the data set is another one");
            });
    assertThatThrownBy(() -> get(unprepared.finished()))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessage("the data set is another one");
    core.stop();
    assertThat(get(core.finished()).stopped()).isTrue();
  }

  @Test
  void shouldSayWhereItLookedWhenThereIsNoRun() {
    WorkerNode lonely =
        WorkerNode.start(
            settings(
                new Endpoint("127.0.0.1", 1), "lonely", "lonely", "1.0", Duration.ofSeconds(1)),
            offer -> new FakeTraining(),
            new WorkerNode.Listener() {},
            QUICK,
            context -> transport);

    assertThatThrownBy(() -> get(lonely.finished()))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("no run was found at 127.0.0.1:1 within 1 s");
  }

  @Test
  void shouldRefuseToListenWhenThePortIsTaken() throws Exception {
    CoreNode core = core(new FakeTraining(), new RecordingListener(), 0);

    assertThatThrownBy(
            () ->
                CoreNode.start(
                    FakeTraining.settings(0, UPDATES),
                    new FakeTraining(),
                    new RecordingListener(),
                    QUICK,
                    RUN,
                    core.endpoint(),
                    context -> transport))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("cannot listen at " + core.endpoint());
    core.stop();
    get(core.finished());
  }

  /** Draws one image for a part; what happens before that is up to the test. */
  private static final class Drawing extends FakeTraining {
    final List<String> made = new CopyOnWriteArrayList<>();
    private final Runnable before;

    Drawing(Runnable before) {
      this.before = before;
    }

    @Override
    public Evaluations newEvaluations() {
      return new FakeEvaluations() {
        @Override
        public EvaluationJob begin(EvaluationPart part) throws Exception {
          before.run();
          made.add("%d in %d steps".formatted(part.version(), part.steps()));
          EvaluationJob job = super.begin(part);
          return new EvaluationJob() {
            @Override
            public boolean step() throws Exception {
              return job.step();
            }

            @Override
            public List<Score> scores() {
              return job.scores();
            }

            @Override
            public SampleImages shown() {
              return new SampleImages(new ImageShape(1, 1, 2), new float[] {part.steps(), 0.5f});
            }
          };
        }
      };
    }
  }

  /** EVAL-1, with evaluators on several nodes, one of which fails over its part. */
  @Test
  void shouldMakeEachPartOnceWhenNodesShareEvaluationsAndOneFails() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    Drawing slow = new Drawing(() -> awaitQuietly(gate));
    RecordingListener listener = new RecordingListener();
    CoreNode core = core(slow, listener, 1);
    WorkerNode failing =
        evaluator(
            core,
            "failing",
            new Drawing(
                () -> {
                  throw new IllegalStateException("the device is gone");
                }));
    assertThatThrownBy(() -> get(failing.finished())).hasMessageContaining("the device is gone");

    Drawing steady = new Drawing(() -> {});
    WorkerNode helping = evaluator(core, "helping", steady);
    await().until(() -> listener.scores.size() == 2);
    gate.countDown();
    get(core.finished());

    assertThat(get(helping.finished()).reason()).isEqualTo(Reason.RUN_ENDED);
    assertThat(slow.made).hasSize(1);
    assertThat(steady.made).hasSize(3);
    assertThat(listener.samples)
        .containsExactlyInAnyOrder(
            "10 in 1 steps: [1.0, 0.5]",
            "10 in 2 steps: [2.0, 0.5]",
            "20 in 1 steps: [1.0, 0.5]",
            "20 in 2 steps: [2.0, 0.5]");
    assertThat(listener.scores)
        .extracting(score -> "%d in %d steps".formatted(score.version(), score.steps()))
        .containsExactlyInAnyOrder(
            "10 in 1 steps", "10 in 2 steps", "20 in 1 steps", "20 in 2 steps");
    assertThat(listener.evaluators).containsExactly("+failing", "-failing", "+helping");
  }

  @Test
  void shouldRefuseANodeWhenALiveOneOfSomebodyElseHasItsName() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    RecordingListener listener = new RecordingListener();
    CoreNode core = core(new FakeTraining(), listener, 0);
    FakeTraining waiting = new FakeTraining((learner, unit, gradient) -> awaitQuietly(gate));
    WorkerNode first = worker(core, "same", waiting);
    await().until(() -> listener.trainers.contains("+same/1"));

    WorkerNode second =
        WorkerNode.start(
            settings(core.endpoint(), "same", "somebody else", "1.0", Duration.ofSeconds(60)),
            offer -> new FakeTraining(),
            new WorkerNode.Listener() {},
            QUICK,
            context -> transport);

    assertThatThrownBy(() -> get(second.finished()))
        .cause()
        .isInstanceOf(UserException.class)
        .hasMessage(
            "a worker's process named same takes part already, from %s: give this worker another --name"
                .formatted(first.endpoint()));
    gate.countDown();
    get(core.finished());
    assertThat(listener.trainers).containsExactly("+same/1");
  }

  private WorkerNode evaluator(CoreNode core, String name, WorkParts parts) {
    WorkerNode.Settings asTrainer =
        settings(core.endpoint(), name, name, "1.0", Duration.ofSeconds(60));
    return WorkerNode.start(
        asTrainer.withRoles(Set.of(WorkerNode.Role.EVALUATOR)),
        offer -> parts,
        new WorkerNode.Listener() {},
        QUICK,
        context -> transport);
  }

  private CoreNode core(FakeTraining training, RecordingListener listener, int trainers) {
    return CoreNode.start(
        FakeTraining.settings(0, UPDATES).withTrainers(trainers),
        training,
        listener,
        QUICK,
        RUN,
        HERE,
        context -> transport);
  }

  private WorkerNode worker(CoreNode core, String name, WorkParts parts) {
    return worker(core, name, offer -> parts);
  }

  private WorkerNode worker(CoreNode core, String name, Function<RunOffer, WorkParts> prepare) {
    return WorkerNode.start(
        settings(core.endpoint(), name, name, "1.0", Duration.ofSeconds(60)),
        prepare,
        new WorkerNode.Listener() {},
        QUICK,
        context -> transport);
  }

  private static WorkerNode.Settings settings(
      Endpoint seed, String name, String owner, String version, Duration patience) {
    return new WorkerNode.Settings(
        name, owner, 1, Set.of(WorkerNode.Role.TRAINER), version, List.of(seed), HERE, patience);
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static void assertSame(ParameterSet.State actual, ParameterSet.State expected) {
    assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
