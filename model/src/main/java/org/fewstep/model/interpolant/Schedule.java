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

    @Override
    public double alphaSlope(double t) {
      return -1;
    }

    @Override
    public double sigmaSlope(double t) {
      return 1;
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

    @Override
    public double alphaSlope(double t) {
      return -HALF_PI * sigma(t);
    }

    @Override
    public double sigmaSlope(double t) {
      return HALF_PI * alpha(t);
    }
  },

  /**
   * Variance-preserving with beta(t) = 0.1 + 19.9 t: log alpha = -1/4 t^2 (20 - 0.1) - 1/2 t 0.1,
   * the continuous form of DDPM's betas (Song et al., "Score-based generative modeling through
   * SDEs", ICLR 2021, equation 33). Some signal is left at time 1.
   */
  LINEAR_BETA {
    @Override
    public double alpha(double t) {
      return Math.exp(logAlpha(t));
    }

    @Override
    public double sigma(double t) {
      return Math.sqrt(-Math.expm1(2 * logAlpha(t)));
    }

    @Override
    public double timeAt(double noiseToSignal) {
      double minusLogAlpha = 0.5 * Math.log1p(noiseToSignal * noiseToSignal);
      double half = BETA_MIN / 2;
      double root = Math.sqrt(half * half + (BETA_MAX - BETA_MIN) * minusLogAlpha);
      return Double.isInfinite(noiseToSignal) ? 1 : 2 * minusLogAlpha / (half + root);
    }

    @Override
    public double logSnrSlope(double t) {
      double sigma = sigma(t);
      return -beta(t) / (sigma * sigma);
    }

    @Override
    public double alphaSlope(double t) {
      return -0.5 * beta(t) * alpha(t);
    }

    @Override
    public double sigmaSlope(double t) {
      double alpha = alpha(t);
      return 0.5 * beta(t) * alpha * alpha / sigma(t);
    }

    private double logAlpha(double t) {
      return -0.25 * t * t * (BETA_MAX - BETA_MIN) - 0.5 * t * BETA_MIN;
    }

    private double beta(double t) {
      return BETA_MIN + t * (BETA_MAX - BETA_MIN);
    }
  };

  private static final double HALF_PI = Math.PI / 2;
  private static final double BETA_MIN = 0.1;
  private static final double BETA_MAX = 20;

  /** alpha_t. */
  public abstract double alpha(double t);

  /** sigma_t. */
  public abstract double sigma(double t);

  /** The time with sigma/alpha equal to {@code noiseToSignal} (eta); 1 for infinity. */
  public abstract double timeAt(double noiseToSignal);

  /** d lambda / dt. */
  public abstract double logSnrSlope(double t);

  /** d alpha / dt. */
  public abstract double alphaSlope(double t);

  /** d sigma / dt. */
  public abstract double sigmaSlope(double t);

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
