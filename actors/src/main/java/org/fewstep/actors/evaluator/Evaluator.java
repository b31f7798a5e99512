package org.fewstep.actors.evaluator;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.fewstep.actors.Failures;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.ScoreJson;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.CoordinatorMessage.PartDone;
import org.fewstep.protocol.EvaluatorMessage;
import org.fewstep.protocol.EvaluatorMessage.CancelPart;
import org.fewstep.protocol.EvaluatorMessage.EvaluatePart;
import org.fewstep.protocol.SampleGrid;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.fewstep.protocol.bulk.BulkTransport;
import org.fewstep.protocol.bulk.TransferFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the parts of evaluations that the coordinator gives it, one at a time, one message a step.
 * What to evaluate and how comes with each part, so a replaced schedule never changes one under
 * way. Parameters are fetched once for all parts of the same track and version that come in a row.
 */
public final class Evaluator extends AbstractBehavior<EvaluatorMessage> {
  /** In a row; more are no coincidence. */
  private static final int FAILED_FETCHES = 3;

  private static final Duration GRID_TIME_TO_LIVE = Duration.ofMinutes(10);

  /** A message may get lost: who is idle says so again and again. */
  private static final Duration SAY_AGAIN = Duration.ofSeconds(20);

  private final String name;
  private final Supplier<Evaluations> supplier;
  private final ActorRef<CoordinatorMessage> coordinator;
  private final BulkTransport transport;

  private @Nullable Evaluations evaluations;
  private @Nullable TensorTicket loaded;
  private @Nullable EvaluatePart current;
  private @Nullable EvaluationJob job;
  private @Nullable PartDone lastDone;
  private int failedFetches;

  /** Time has passed. */
  record SayAgain() implements EvaluatorMessage.Local {}

  private record Prepare() implements EvaluatorMessage.Local {}

  private record Step(long part) implements EvaluatorMessage.Local {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Fetched(
      EvaluatePart part, float @Nullable [] parameters, @Nullable Throwable failure)
      implements EvaluatorMessage.Local {}

  /**
   * An evaluator, to be spawned on a pinned dispatcher.
   *
   * @param name the same over its restarts, another than that of any other evaluator of the run
   * @param supplier is asked once, on the evaluator's thread
   */
  public static Behavior<EvaluatorMessage> create(
      String name,
      Supplier<Evaluations> supplier,
      ActorRef<CoordinatorMessage> coordinator,
      BulkTransport transport) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(new SayAgain(), SAY_AGAIN);
                  context.getSelf().tell(new Prepare());
                  return new Evaluator(context, name, supplier, coordinator, transport);
                }));
  }

  private Evaluator(
      ActorContext<EvaluatorMessage> context,
      String name,
      Supplier<Evaluations> supplier,
      ActorRef<CoordinatorMessage> coordinator,
      BulkTransport transport) {
    super(context);
    this.name = name;
    this.supplier = supplier;
    this.coordinator = coordinator;
    this.transport = transport;
  }

  @Override
  public Receive<EvaluatorMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(Prepare.class, prepare -> onPrepare())
        .onMessage(EvaluatePart.class, this::onEvaluatePart)
        .onMessage(CancelPart.class, this::onCancelPart)
        .onMessage(Fetched.class, this::onFetched)
        .onMessage(Step.class, this::onStep)
        .onMessage(SayAgain.class, again -> onSayAgain())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<EvaluatorMessage> onPrepare() throws Exception {
    evaluations = Failures.shielded(supplier::get);
    sayReady();
    return this;
  }

  private void sayReady() {
    coordinator.tell(new CoordinatorMessage.EvaluatorReady(name, getContext().getSelf()));
  }

  /**
   * Whether its last word or the part that answers it got lost, nobody knows here. A part that is
   * said to be done once more does no harm; neither does a free evaluator, which is given anew what
   * it is believed to work on.
   */
  private Behavior<EvaluatorMessage> onSayAgain() {
    if (current != null || evaluations == null) {
      return this;
    }
    PartDone done = lastDone;
    if (done == null) {
      sayReady();
    } else {
      lastDone = null;
      coordinator.tell(done);
    }
    return this;
  }

  private Behavior<EvaluatorMessage> onEvaluatePart(EvaluatePart part) throws Exception {
    current = part;
    if (part.parameters().equals(loaded)) {
      begin(part);
      return this;
    }
    loaded = null;
    getContext()
        .pipeToSelf(
            transport.fetch(part.parameters()),
            (parameters, failure) -> new Fetched(part, parameters, failure));
    return this;
  }

  private Behavior<EvaluatorMessage> onFetched(Fetched fetched) throws Exception {
    if (!fetched.part().equals(current)) {
      return this; // cancelled meanwhile
    }
    float[] parameters = fetched.parameters();
    if (parameters == null) {
      return onFetchFailed(Failures.asException(fetched.failure()));
    }
    failedFetches = 0;
    Evaluations ready = Objects.requireNonNull(evaluations);
    Failures.shielded(
        () -> {
          ready.load(parameters);
          return ready;
        });
    loaded = fetched.part().parameters();
    begin(fetched.part());
    return this;
  }

  /**
   * A node that was cut off for a while may be late: its part is with somebody else, and what it
   * asks for is gone.
   */
  private Behavior<EvaluatorMessage> onFetchFailed(Exception failure) throws Exception {
    if (!(failure instanceof TransferFailedException) || ++failedFetches == FAILED_FETCHES) {
      throw failure;
    }
    current = null;
    lastDone = null;
    sayReady();
    return this;
  }

  private void begin(EvaluatePart part) throws Exception {
    Evaluations ready = Objects.requireNonNull(evaluations);
    job = Failures.shielded(() -> ready.begin(EvaluationPart.of(part)));
    getContext().getSelf().tell(new Step(part.part()));
  }

  private Behavior<EvaluatorMessage> onStep(Step step) throws Exception {
    if (current == null || current.part() != step.part()) {
      return this; // cancelled meanwhile
    }
    EvaluationJob running = Objects.requireNonNull(job);
    if (Failures.shielded(running::step)) {
      getContext().getSelf().tell(step);
      return this;
    }
    SampleImages shown = running.shown();
    end(
        running.scores().stream().map(ScoreJson::toLine).toList(),
        shown == null ? null : offer(shown));
    return this;
  }

  private SampleGrid offer(SampleImages shown) {
    ImageShape shape = shown.shape();
    return new SampleGrid(
        shape.channels(),
        shape.height(),
        shape.width(),
        transport.offer(shown.pixels(), TensorCodec.FLOAT32, GRID_TIME_TO_LIVE));
  }

  private Behavior<EvaluatorMessage> onCancelPart(CancelPart cancel) {
    if (current != null && current.part() == cancel.part()) {
      end(List.of(), null);
    }
    return this;
  }

  private void end(List<String> scores, @Nullable SampleGrid grid) {
    long part = Objects.requireNonNull(current).part();
    current = null;
    job = null;
    lastDone = new PartDone(name, part, scores, grid);
    coordinator.tell(lastDone);
  }

  private Behavior<EvaluatorMessage> onPostStop() {
    if (evaluations != null) {
      evaluations.close();
    }
    return this;
  }
}
