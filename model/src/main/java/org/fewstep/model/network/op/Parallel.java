package org.fewstep.model.network.op;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.fewstep.model.device.CpuThreads;

/** Shares independent pieces of a kernel among as many threads as OpenMP is given. */
final class Parallel {
  private Parallel() {}

  /** What a worker does with a piece. */
  interface Work {
    /**
     * @param worker from 0 to below {@link #workers}; one piece at a time
     */
    void accept(int worker, int piece);
  }

  static void forRange(int count, IntConsumer body) {
    forRange(count, (worker, piece) -> body.accept(piece));
  }

  /** Whoever is free takes the next piece. */
  static void forRange(int count, Work body) {
    int workers = workers(count);
    if (workers <= 1) {
      for (int piece = 0; piece < count; piece++) {
        body.accept(0, piece);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    IntStream.range(0, workers)
        .parallel()
        .forEach(
            worker -> {
              for (int piece = next.getAndIncrement();
                  piece < count;
                  piece = next.getAndIncrement()) {
                body.accept(worker, piece);
              }
            });
  }

  /** How many work on so many pieces. */
  static int workers(int count) {
    return Math.min(CpuThreads.count(), count);
  }
}
