package org.fewstep.config;

/**
 * How the network's output becomes f_{s,t}(x) = c_skip(s,t) x + c_out(s,t) G.
 *
 * @param sigmaData standard deviation of the data and of the prior
 * @param timeScale factor on a time before it enters the network
 * @param secondTime which second time the network is told
 */
public record ParameterisationConfig(
    Kind kind, double sigmaData, double timeScale, SecondTime secondTime) {

  /** What G stands for: the data, a velocity on the circle, or the flow's velocity. */
  public enum Kind {
    IDENTITY,
    SIMPLE_EDM,
    EULER_FM
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
