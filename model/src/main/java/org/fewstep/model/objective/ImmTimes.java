package org.fewstep.model.objective;

import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.random.CounterRandom;

/**
 * Times and weights of Inductive Moment Matching: how s and t are drawn, where r = r(s, t) lies,
 * and what a group counts (Zhou, Ermon, Song, ICML 2025, sections 4.2 and C.6 to C.9).
 *
 * @param tMin smallest time eps
 * @param tMax largest time T
 * @param mapping measure of noise in which r lies one decrement below t
 * @param mappingExponent k: its range is walked in 2^k equal decrements
 * @param weightExponent a
 * @param weightBias b
 * @param minGap smallest t - r, 0 for none
 * @param target where s lies
 */
public record ImmTimes(
    Schedule schedule,
    Parameterisation parameterisation,
    double sigmaData,
    double tMin,
    double tMax,
    Mapping mapping,
    int mappingExponent,
    double weightExponent,
    double weightBias,
    double minGap,
    Target target) {

  /** Where a group's steps end. */
  public enum Target {
    /** s ~ U(tMin, t). */
    UNIFORM,
    /** s = tMin, as in consistency training. */
    SMALLEST
  }

  /** As the paper has it, with s ~ U(tMin, t). */
  public ImmTimes(
      Schedule schedule,
      Parameterisation parameterisation,
      double sigmaData,
      double tMin,
      double tMax,
      Mapping mapping,
      int mappingExponent,
      double weightExponent,
      double weightBias,
      double minGap) {
    this(
        schedule,
        parameterisation,
        sigmaData,
        tMin,
        tMax,
        mapping,
        mappingExponent,
        weightExponent,
        weightBias,
        minGap,
        Target.UNIFORM);
  }

  /** The three times of a group, tMin <= s <= r <= t. */
  public record Triple(double s, double r, double t) {}

  public ImmTimes {
    if (mapping == Mapping.ETA && Double.isInfinite(schedule.noiseToSignal(tMax))) {
      throw new IllegalArgumentException(
          "the decrement in sigma/alpha needs a largest time below 1, not " + tMax);
    }
    if (mapping.needsNoise() && tMin == 0) {
      throw new IllegalArgumentException(mapping + " needs a smallest time above 0");
    }
  }

  /** t ~ U(tMin, tMax), s as {@link #target} says, r = r(s, t). */
  public Triple draw(CounterRandom random) {
    return draw(random, 0, 0, 1);
  }

  /**
   * The times of one of a unit's groups that share the range of t, and that of the share (s - tMin)
   * / (t - tMin), out among themselves: each has a part of both to itself, as in a Latin square.
   * The pairs of parts turn from unit to unit, so that over as many units as there are groups each
   * pair comes once: on average the law of {@link #draw(CounterRandom)}, with less variance (the
   * idea of the low-discrepancy sampler of Kingma et al., Variational Diffusion Models, NeurIPS
   * 2021), and units of more equal cost.
   *
   * @param group from 0 to below {@code groups}
   */
  public Triple drawStratified(CounterRandom random, int group, int groups, long unit) {
    return draw(random, group, (int) ((group + unit) % groups), groups);
  }

  private Triple draw(CounterRandom random, int partOfTime, int partOfShare, int parts) {
    double t = tMin + (tMax - tMin) * ((partOfTime + random.nextDouble()) / parts);
    double share = (partOfShare + random.nextDouble()) / parts;
    double s = target == Target.SMALLEST ? tMin : tMin + (t - tMin) * share;
    return new Triple(s, intermediate(s, t), t);
  }

  /**
   * r(s, t): t moved by one decrement towards data, but not beyond s: {@code max(s, tMin,
   * min(mapped, t - minGap))}. As in the official code, the gap is not kept below sigma/alpha at
   * tMin, a noise that stands there in place of a time.
   */
  public double intermediate(double s, double t) {
    double r = mapping.below(schedule, t, tMin, tMax, Math.pow(2, mappingExponent));
    if (minGap > 0) {
      r = Math.min(r, Math.max(t - minGap, schedule.noiseToSignal(tMin)));
    }
    return Math.max(Math.max(r, s), tMin);
  }

  /** Inverse bandwidth of the kernel, 1 / |c_out(s, t)|. */
  public double inverseBandwidth(double s, double t) {
    return 1 / Math.abs(parameterisation.out(schedule, s, t, sigmaData));
  }

  /**
   * w(t) = 1/2 sigmoid(b - lambda_t) (-d lambda/dt) alpha_t^a / (alpha_t^2 + sigma_t^2), equation
   * 13; its limit 0 at t = 0.
   */
  public double weight(double t) {
    if (t == 0) {
      return 0;
    }
    double alpha = schedule.alpha(t);
    double sigma = schedule.sigma(t);
    double gate = 1 / (1 + Math.exp(schedule.logSnr(t) - weightBias));
    return 0.5
        * gate
        * -schedule.logSnrSlope(t)
        * Math.pow(alpha, weightExponent)
        / (alpha * alpha + sigma * sigma);
  }
}
