package org.fewstep.actors.coordinator;

/** How pushes become updates. */
public sealed interface UpdateRule {

  /**
   * Update v consists of its own units, each computed at version v - delay, or 0 before there is
   * such a version. With a delay, units of an update can be computed before the one before is made.
   */
  record Synchronous(int delay) implements UpdateRule {
    public Synchronous {
      if (delay < 0) {
        throw new IllegalArgumentException("a delay of " + delay);
      }
    }
  }

  /**
   * Pushes are computed at whatever version their trainer has, and count in the order they come.
   */
  sealed interface Free extends UpdateRule {
    /** Versions that may have passed since the one at which a push was computed. */
    long stalenessMax();

    /** What a push weighs by its staleness. */
    StalenessWeight weight();
  }

  /** A push is the gradient of one unit; an update takes as many as make up its images. */
  record BoundedStaleness(long stalenessMax, StalenessWeight weight) implements Free {}

  /**
   * A push is how far a trainer came in a round of optimiser steps of its own.
   *
   * @param steps in a round, each of a whole batch
   * @param quorum rounds in one update
   */
  record LocalSteps(int steps, int quorum, long stalenessMax, StalenessWeight weight)
      implements Free {}
}
