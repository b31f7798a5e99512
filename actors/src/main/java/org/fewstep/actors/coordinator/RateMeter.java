package org.fewstep.actors.coordinator;

import java.util.ArrayDeque;
import java.util.Deque;

/** Images per second over the last half minute, so that a display neither jumps nor lags. */
final class RateMeter {
  private static final long WINDOW_NANOS = 30_000_000_000L;

  private record Mark(long nanos, long images) {}

  private final Deque<Mark> marks = new ArrayDeque<>();

  RateMeter(long images, long nowNanos) {
    marks.add(new Mark(nowNanos, images));
  }

  /** Takes in the images seen so far and tells the rate; 0 while no time has passed. */
  double imagesPerSecond(long images, long nowNanos) {
    marks.addLast(new Mark(nowNanos, images));
    while (marks.size() > 2 && nowNanos - marks.getFirst().nanos() > WINDOW_NANOS) {
      marks.removeFirst();
    }
    Mark first = marks.getFirst();
    long nanos = nowNanos - first.nanos();
    return nanos > 0 ? (images - first.images()) / (nanos * 1e-9) : 0;
  }
}
