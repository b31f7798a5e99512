package org.fewstep.model.objective;

import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.random.CounterRandom;

/** How the time of a state is drawn, within [tMin, tMax]. */
@FunctionalInterface
public interface TimeLaw {
  /** A time; never 0, where a state tells nothing. */
  double draw(CounterRandom random);

  /** Evenly. */
  static TimeLaw uniform(double tMin, double tMax) {
    return random -> tMax - (tMax - tMin) * random.nextDouble();
  }

  /** The sigmoid of a normal, stretched over the range (Esser et al. 2024, equation 19). */
  static TimeLaw logitNormal(double tMin, double tMax, double mean, double deviation) {
    return random ->
        tMin + (tMax - tMin) / (1 + Math.exp(-mean - deviation * random.nextGaussian()));
  }

  /**
   * The time at which the noise beside data of full size, sigmaData sigma / alpha, has a logarithm
   * that is normal (Karras et al. 2022, table 1); moved into the range where it lies outside.
   */
  static TimeLaw logNormalNoise(
      Schedule schedule,
      double sigmaData,
      double tMin,
      double tMax,
      double mean,
      double deviation) {
    return random -> {
      double sigma = Math.exp(mean + deviation * random.nextGaussian());
      return Math.min(Math.max(schedule.timeAt(sigma / sigmaData), tMin), tMax);
    };
  }
}
