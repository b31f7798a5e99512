package org.fewstep.actors.coordinator;

/** How much a push weighs by its staleness s, the versions that passed since it was computed. */
public sealed interface StalenessWeight {
  /** Weight in (0, 1] of a staleness from 0 on. */
  double at(long staleness);

  /** 1, however stale. */
  record None() implements StalenessWeight {
    @Override
    public double at(long staleness) {
      return 1;
    }
  }

  /**
   * 1 / max(1, s) (Zhang et al., "Staleness-aware Async-SGD for distributed deep learning", 2016).
   */
  record Inverse() implements StalenessWeight {
    @Override
    public double at(long staleness) {
      return 1.0 / Math.max(1, staleness);
    }
  }

  /**
   * e^(-decay s).
   *
   * @param decay per version, above 0
   */
  record Exponential(double decay) implements StalenessWeight {
    @Override
    public double at(long staleness) {
      return Math.exp(-decay * staleness);
    }
  }
}
