package org.fewstep.model.interpolant;

/**
 * Signal and noise level of a state {@code x_t = alpha_t x + sigma_t eps} at time t in [0, 1]; 0 is
 * data, 1 is the prior, eps is N(0, sigmaData^2 I).
 */
public enum Schedule {
  /** OT flow matching: alpha = 1 - t, sigma = t. */
  FLOW {
    @Override
    public double alpha(double t) {
      return 1 - t;
    }

    @Override
    public double sigma(double t) {
      return t;
    }

    @Override
    public double timeAt(double noiseToSignal) {
      return orOne(noiseToSignal / (1 + noiseToSignal));
    }

    @Override
    public double logSnrSlope(double t) {
      return -2 / (t * (1 - t));
    }
  },

  /** Variance-preserving cosine: alpha = cos(pi t / 2), sigma = sin(pi t / 2). */
  COSINE {
    @Override
    public double alpha(double t) {
      return Math.cos(HALF_PI * t);
    }

    @Override
    public double sigma(double t) {
      return Math.sin(HALF_PI * t);
    }

    @Override
    public double timeAt(double noiseToSignal) {
      return orOne(Math.atan(noiseToSignal) / HALF_PI);
    }

    @Override
    public double logSnrSlope(double t) {
      return -Math.PI / (sigma(t) * alpha(t));
    }
  };

  private static final double HALF_PI = Math.PI / 2;

  /** alpha_t. */
  public abstract double alpha(double t);

  /** sigma_t. */
  public abstract double sigma(double t);

  /** The time with sigma/alpha equal to {@code noiseToSignal} (eta); 1 for infinity. */
  public abstract double timeAt(double noiseToSignal);

  /** d lambda / dt. */
  public abstract double logSnrSlope(double t);

  /** eta_t = sigma_t / alpha_t. */
  public double noiseToSignal(double t) {
    return sigma(t) / alpha(t);
  }

  /** lambda_t = 2 log(alpha_t / sigma_t). */
  public double logSnr(double t) {
    return 2 * Math.log(alpha(t) / sigma(t));
  }

  private static double orOne(double t) {
    return Double.isNaN(t) ? 1 : t;
  }
}
