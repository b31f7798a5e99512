package org.fewstep.deploy.train;

/** Time that a run has trained for, over all its processes; what was lost does not count. */
final class RunClock {
  private final double earlierSeconds;
  private final long startNanos = System.nanoTime();

  /**
   * Starts to count.
   *
   * @param earlierSeconds at the state that the run goes on from
   */
  RunClock(double earlierSeconds) {
    this.earlierSeconds = earlierSeconds;
  }

  double seconds() {
    return earlierSeconds + (System.nanoTime() - startNanos) * 1e-9;
  }
}
