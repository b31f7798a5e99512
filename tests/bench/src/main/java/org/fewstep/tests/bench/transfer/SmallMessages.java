package org.fewstep.tests.bench.transfer;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.tests.bench.Rounds;

/**
 * Sends a small message every few milliseconds while something else goes on, whether or not those
 * before it have been answered, and notes how long each takes there and back.
 */
final class SmallMessages implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 5;
  private static final long ANSWER_SECONDS = 10;
  private static final double MILLIS_PER_NANO = 1e-6;

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong number = new AtomicLong();
  private final Map<Long, Sent> unanswered = new ConcurrentHashMap<>();
  private final Map<String, Queue<Double>> millis = new ConcurrentHashMap<>();

  private record Sent(String during, long nanos) {}

  /** The actor that gets the answers. */
  Behavior<TrainerMessage> answers() {
    return Behaviors.receive(TrainerMessage.class)
        .onMessage(
            TrainerMessage.PushAck.class,
            answer -> {
              note(answer.round());
              return Behaviors.same();
            })
        .build();
  }

  private void note(long answered) {
    Sent sent = unanswered.remove(answered);
    if (sent != null) {
      millis
          .computeIfAbsent(sent.during(), during -> new ConcurrentLinkedQueue<>())
          .add((System.nanoTime() - sent.nanos()) * MILLIS_PER_NANO);
    }
  }

  /** Sends while the work goes on. */
  void during(
      String name, ActorRef<ServerMessage> to, ActorRef<TrainerMessage> answers, Runnable work) {
    Runnable send =
        () -> {
          long message = number.incrementAndGet();
          unanswered.put(message, new Sent(name, System.nanoTime()));
          to.tell(new ServerMessage.PullSnapshot(message, answers));
        };
    Future<?> sending = clock.scheduleAtFixedRate(send, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    try {
      work.run();
    } finally {
      sending.cancel(false);
    }
  }

  /** Drops what was noted so far. */
  void forget() {
    millis.clear();
  }

  /**
   * The duration that 99 of 100 messages keep to.
   *
   * @throws IllegalStateException if any was not answered
   */
  double p99Millis(String during) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
    while (!unanswered.isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(unanswered.size() + " small messages got lost");
      }
      Thread.onSpinWait();
    }
    double[] all =
        millis.getOrDefault(during, new ConcurrentLinkedQueue<>()).stream()
            .mapToDouble(Double::doubleValue)
            .toArray();
    return Rounds.quantile(all, 0.99);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
