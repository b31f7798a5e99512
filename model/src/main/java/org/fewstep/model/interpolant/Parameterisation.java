package org.fewstep.model.interpolant;

/**
 * How a network output G becomes the one-step map from time t to time s: {@code f_{s,t}(x) =
 * skip(s,t) x + out(s,t) G(in(t) x, ...)} (Zhou, Ermon, Song, "Inductive Moment Matching", ICML
 * 2025, appendix C.5). {@code f_{s,s}(x) = x} for each.
 */
public enum Parameterisation {
  /** G predicts the clean image; undefined at s = t = 0. */
  IDENTITY {
    @Override
    public double skip(Schedule schedule, double s, double t) {
      return schedule.sigma(s) / schedule.sigma(t);
    }

    @Override
    public double out(Schedule schedule, double s, double t, double sigmaData) {
      return schedule.alpha(s) - schedule.alpha(t) * schedule.sigma(s) / schedule.sigma(t);
    }
  },

  /** Equals v-prediction on the cosine schedule. */
  SIMPLE_EDM {
    @Override
    public double skip(Schedule schedule, double s, double t) {
      double alphaT = schedule.alpha(t);
      double sigmaT = schedule.sigma(t);
      return (alphaT * schedule.alpha(s) + sigmaT * schedule.sigma(s))
          / (alphaT * alphaT + sigmaT * sigmaT);
    }

    @Override
    public double out(Schedule schedule, double s, double t, double sigmaData) {
      double alphaT = schedule.alpha(t);
      double sigmaT = schedule.sigma(t);
      return -(schedule.alpha(s) * sigmaT - alphaT * schedule.sigma(s))
          / Math.sqrt(alphaT * alphaT + sigmaT * sigmaT)
          * sigmaData;
    }
  },

  /** G predicts the velocity over sigmaData; on the flow schedule only. */
  EULER_FM {
    @Override
    public double skip(Schedule schedule, double s, double t) {
      return 1;
    }

    @Override
    public double out(Schedule schedule, double s, double t, double sigmaData) {
      if (schedule != Schedule.FLOW) {
        throw new IllegalArgumentException("Euler-FM is defined on the flow schedule only");
      }
      return -(t - s) * sigmaData;
    }
  },

  /** G predicts the noise over sigmaData; undefined where no signal is left. */
  EPSILON {
    @Override
    public double skip(Schedule schedule, double s, double t) {
      return schedule.alpha(s) / schedule.alpha(t);
    }

    @Override
    public double out(Schedule schedule, double s, double t, double sigmaData) {
      return (schedule.sigma(s) - schedule.alpha(s) * schedule.noiseToSignal(t)) * sigmaData;
    }
  };

  /** c_skip(s, t). */
  public abstract double skip(Schedule schedule, double s, double t);

  /** c_out(s, t), negative for all but the first. */
  public abstract double out(Schedule schedule, double s, double t, double sigmaData);

  /** c_in(t) = 1 / (sigmaData sqrt(alpha_t^2 + sigma_t^2)): the network sees unit variance. */
  public static double in(Schedule schedule, double t, double sigmaData) {
    return 1 / (sigmaData * Math.hypot(schedule.alpha(t), schedule.sigma(t)));
  }
}
