package org.fewstep.actors.evaluator;

import java.util.ArrayDeque;
import java.util.Deque;
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
import org.fewstep.model.metrics.ScoreJson;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.EvaluatorMessage;
import org.fewstep.protocol.EvaluatorMessage.EvaluateTrack;
import org.fewstep.protocol.bulk.BulkTransport;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates the tracks it is sent, one at a time and in order, one message a step. What to evaluate
 * and how comes with each track, so a replaced schedule never changes an evaluation under way.
 */
public final class Evaluator extends AbstractBehavior<EvaluatorMessage> {
  private final Supplier<Evaluations> supplier;
  private final ActorRef<CoordinatorMessage> coordinator;
  private final BulkTransport transport;
  private final Deque<EvaluateTrack> waiting = new ArrayDeque<>();

  private @Nullable Evaluations evaluations;
  private @Nullable EvaluateTrack current;
  private @Nullable EvaluationJob job;

  private record Prepare() implements EvaluatorMessage.Local {}

  private record Step() implements EvaluatorMessage.Local {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Fetched(float @Nullable [] parameters, @Nullable Throwable failure)
      implements EvaluatorMessage.Local {}

  /**
   * An evaluator, to be spawned on a pinned dispatcher.
   *
   * @param supplier is asked once, on the evaluator's thread
   */
  public static Behavior<EvaluatorMessage> create(
      Supplier<Evaluations> supplier,
      ActorRef<CoordinatorMessage> coordinator,
      BulkTransport transport) {
    return Behaviors.setup(
        context -> {
          context.getSelf().tell(new Prepare());
          return new Evaluator(context, supplier, coordinator, transport);
        });
  }

  private Evaluator(
      ActorContext<EvaluatorMessage> context,
      Supplier<Evaluations> supplier,
      ActorRef<CoordinatorMessage> coordinator,
      BulkTransport transport) {
    super(context);
    this.supplier = supplier;
    this.coordinator = coordinator;
    this.transport = transport;
  }

  @Override
  public Receive<EvaluatorMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(Prepare.class, prepare -> onPrepare())
        .onMessage(EvaluateTrack.class, this::onEvaluateTrack)
        .onMessage(Fetched.class, this::onFetched)
        .onMessage(Step.class, step -> onStep())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<EvaluatorMessage> onPrepare() throws Exception {
    evaluations = Failures.shielded(supplier::get);
    return this;
  }

  private Behavior<EvaluatorMessage> onEvaluateTrack(EvaluateTrack order) {
    waiting.addLast(order);
    if (current == null) {
      beginNext();
    }
    return this;
  }

  private void beginNext() {
    EvaluateTrack next = waiting.pollFirst();
    current = next;
    if (next != null) {
      getContext().pipeToSelf(transport.fetch(next.parameters()), Fetched::new);
    }
  }

  private Behavior<EvaluatorMessage> onFetched(Fetched fetched) throws Exception {
    float[] parameters = fetched.parameters();
    if (parameters == null) {
      throw Failures.asException(fetched.failure());
    }
    EvaluateTrack order = Objects.requireNonNull(current);
    transport.release(order.parameters());
    Evaluations ready = Objects.requireNonNull(evaluations);
    job =
        Failures.shielded(
            () ->
                ready.begin(
                    parameters, order.version(), order.images(), order.track(), order.schedule()));
    getContext().getSelf().tell(new Step());
    return this;
  }

  private Behavior<EvaluatorMessage> onStep() throws Exception {
    EvaluationJob running = Objects.requireNonNull(job);
    if (Failures.shielded(running::step)) {
      getContext().getSelf().tell(new Step());
      return this;
    }
    EvaluateTrack order = Objects.requireNonNull(current);
    coordinator.tell(
        new CoordinatorMessage.ScoresReady(
            order.version(),
            order.images(),
            order.track(),
            running.scores().stream().map(ScoreJson::toLine).toList()));
    job = null;
    beginNext();
    return this;
  }

  private Behavior<EvaluatorMessage> onPostStop() {
    if (evaluations != null) {
      evaluations.close();
    }
    return this;
  }
}
