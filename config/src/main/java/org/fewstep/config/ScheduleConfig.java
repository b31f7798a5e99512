package org.fewstep.config;

/**
 * How data turn into noise: x_t = alpha_t x + sigma_t noise, t in [0, 1].
 *
 * @param tMin smallest time that is trained and sampled (epsilon)
 * @param tMax largest time that is trained and sampled (T)
 */
public record ScheduleConfig(Kind kind, double tMin, double tMax) {

  /**
   * Alpha and sigma: (1 - t, t), (cos, sin) of pi t / 2, or the variance-preserving pair whose beta
   * rises linearly.
   */
  public enum Kind {
    FLOW,
    COSINE,
    LINEAR_BETA
  }

  public ScheduleConfig {
    Check.fraction("t-min", tMin);
    Check.fraction("t-max", tMax);
    if (tMin >= tMax) {
      throw new InvalidSetting("t-min", "must be below t-max = " + tMax + ", but is " + tMin);
    }
  }

  /** Whether nothing of an image is left at t-max, where sigma / alpha is infinite then. */
  public boolean endsInNoiseAlone() {
    return tMax == 1 && kind != Kind.LINEAR_BETA;
  }
}
