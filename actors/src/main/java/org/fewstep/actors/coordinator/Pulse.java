package org.fewstep.actors.coordinator;

import java.util.ArrayDeque;
import java.util.Deque;

/** When something that comes again and again came last, and how often it usually does. */
final class Pulse {
  private static final int INTERVALS = 31;

  private final Deque<Long> intervals = new ArrayDeque<>();
  private long lastNanos;

  void begin(long nowNanos) {
    lastNanos = nowNanos;
  }

  void beat(long nowNanos) {
    if (intervals.size() == INTERVALS) {
      intervals.removeFirst();
    }
    intervals.addLast(nowNanos - lastNanos);
    lastNanos = nowNanos;
  }

  /** As it is at a time; without any interval yet the median is 0. */
  RunHealth.Pulse at(long nowNanos) {
    long[] sorted = intervals.stream().mapToLong(Long::longValue).sorted().toArray();
    long median = sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    return new RunHealth.Pulse(nowNanos - lastNanos, median);
  }
}
