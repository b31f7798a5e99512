package org.fewstep.config;

import java.util.OptionalInt;

/**
 * How trainers' work becomes one update; {@code exchange.rule} names the permitted record in kebab
 * case.
 */
@ChosenBy("rule")
public sealed interface ExchangeConfig {
  /** Images in one unit of work. */
  int unitImages();

  /** How parameters and what is pushed travel. */
  Codec codec();

  /** Bits of an element on its way. */
  enum Codec {
    FLOAT32,
    BFLOAT16
  }

  /** How much a push of some staleness weighs. */
  enum StalenessWeighting {
    NONE,
    INVERSE,
    EXPONENTIAL
  }

  /**
   * All units of an update are computed at one version; the server owns the optimiser.
   *
   * @param delay versions by which that lies before the one that the update starts from, whose
   *     parameters are predicted
   */
  record Synchronous(int unitImages, Codec codec, int delay) implements ExchangeConfig {
    public Synchronous {
      Check.atLeast("unit-images", unitImages, 1);
      Check.between("delay", delay, 0, 8);
    }
  }

  /**
   * Units are computed at whatever version their trainer has; the server owns the optimiser.
   *
   * @param stalenessMax versions that may have passed since a unit's
   * @param stalenessDecay of {@link StalenessWeighting#EXPONENTIAL}, per version
   */
  record BoundedStaleness(
      int unitImages,
      Codec codec,
      int stalenessMax,
      StalenessWeighting stalenessWeighting,
      double stalenessDecay)
      implements ExchangeConfig {
    public BoundedStaleness {
      Check.atLeast("unit-images", unitImages, 1);
      if (stalenessMax < 1) {
        throw new InvalidSetting(
            "staleness-max",
            "must be at least 1, but is %d; where nothing may be stale, set exchange.rule = synchronous"
                .formatted(stalenessMax));
      }
      Check.positive("staleness-decay", stalenessDecay);
    }
  }

  /**
   * Trainers take optimiser steps of their own and push how far they came; the server takes an
   * outer step with delayed Nesterov momentum.
   *
   * @param localSteps optimiser steps in a round, H
   * @param outerLr factor on the mean difference
   * @param outerMomentum of the outer step
   * @param momentumDelay outer steps between two of the momentum, N; without it as many as it takes
   *     until each trainer has pushed once
   * @param quorum rounds merged into one outer step
   * @param stalenessMax versions that may have passed since a round began
   * @param stalenessDecay of {@link StalenessWeighting#EXPONENTIAL}, per version
   */
  record LocalSteps(
      int unitImages,
      Codec codec,
      int localSteps,
      double outerLr,
      double outerMomentum,
      OptionalInt momentumDelay,
      int quorum,
      int stalenessMax,
      StalenessWeighting stalenessWeighting,
      double stalenessDecay)
      implements ExchangeConfig {
    public LocalSteps {
      Check.atLeast("unit-images", unitImages, 1);
      Check.between("local-steps", localSteps, 1, 100_000);
      Check.positive("outer-lr", outerLr);
      Check.fractionBelowOne("outer-momentum", outerMomentum);
      momentumDelay.ifPresent(delay -> Check.atLeast("momentum-delay", delay, 1));
      Check.atLeast("quorum", quorum, 1);
      Check.atLeast("staleness-max", stalenessMax, 0);
      Check.positive("staleness-decay", stalenessDecay);
    }

    /** N for so many trainers. */
    public int momentumDelay(int trainers) {
      return momentumDelay.orElse((trainers + quorum - 1) / quorum);
    }
  }
}
