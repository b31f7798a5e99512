package org.fewstep.config;

/**
 * How the network's output becomes f_{s,t}(x) = c_skip(s,t) x + c_out(s,t) G.
 *
 * @param sigmaData standard deviation of the data and of the prior
 * @param timeInput how a time enters the network
 * @param timeScale factor on what enters
 * @param secondTime which second time the network is told
 */
public record ParameterisationConfig(
    Kind kind, double sigmaData, TimeInput timeInput, double timeScale, SecondTime secondTime) {

  /** What G stands for: the data, a velocity on the circle, the flow's velocity, or the noise. */
  public enum Kind {
    IDENTITY,
    SIMPLE_EDM,
    EULER_FM,
    EPSILON
  }

  /** How a time enters: as it is, or as a quarter of the logarithm of its noise. */
  public enum TimeInput {
    LINEAR,
    LOG_NOISE
  }

  /** The time s to jump to, or the gap t - s. */
  public enum SecondTime {
    TARGET,
    GAP
  }

  public ParameterisationConfig {
    Check.positive("sigma-data", sigmaData);
    Check.positive("time-scale", timeScale);
  }
}
