package org.fewstep.model.interpolant;

/**
 * The Gaussian of x_s given x_t and the data x, at an earlier time s: mean {@code ofState x_t +
 * ofData x} and variance {@code variance} (Ho, Jain, Abbeel 2020, equations 6 and 7, on any
 * schedule). It takes the marginal at t to the marginal at s. Variances are in units of
 * sigmaData^2.
 *
 * @param variance of the posterior, DDPM's "fixedsmall"
 * @param forwardVariance of x_t given x_s, DDPM's "fixedlarge"
 */
public record Posterior(double ofState, double ofData, double variance, double forwardVariance) {
  /**
   * The posterior for s up to t.
   *
   * @param t above 0
   */
  public static Posterior of(Schedule schedule, double s, double t) {
    double alphaS = schedule.alpha(s);
    double sigmaS = schedule.sigma(s);
    double sigmaT = schedule.sigma(t);
    double a = schedule.alpha(t) / alphaS;
    double between = Math.max(0, sigmaT * sigmaT - a * a * sigmaS * sigmaS);
    double share = sigmaS * sigmaS / (sigmaT * sigmaT);
    return new Posterior(a * share, alphaS * between / (sigmaT * sigmaT), share * between, between);
  }

  /** The same step without fresh noise: DDIM's (Song, Meng, Ermon 2021). */
  public static Posterior deterministic(Schedule schedule, double s, double t) {
    double kept = schedule.sigma(s) / schedule.sigma(t);
    return new Posterior(kept, schedule.alpha(s) - kept * schedule.alpha(t), 0, 0);
  }
}
