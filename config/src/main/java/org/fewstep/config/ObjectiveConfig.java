package org.fewstep.config;

/** What training minimises; {@code objective.kind} names the permitted record, in lower case. */
public sealed interface ObjectiveConfig {

  /** Images that share their times; units of work are cut at multiples of it. */
  int groupSize();

  /** Probability that an image's label is withheld. */
  double labelDropout();

  /** Which labels the target branch sees: all of them, or those that the trained branch kept. */
  enum TargetLabelDropout {
    NONE,
    SHARED
  }

  /** A measure of noise: eta = sigma / alpha, log-SNR, 1 / eta, or the time itself. */
  enum Mapping {
    ETA,
    LOG_SNR,
    INVERSE_ETA,
    TIME
  }

  /**
   * Inductive moment matching (Zhou, Ermon, Song, "Inductive moment matching", 2025).
   *
   * @param groupSize M, the particles of a group
   * @param mapping measure of noise in which r lies below t
   * @param mappingExponent k: r lies 2^-k of that measure's range below t
   * @param weightExponent a in w(s,t), the power of alpha
   * @param weightBias b in w(s,t), the shift of the sigmoid over log-SNR
   * @param minGap smallest t - r
   */
  record Imm(
      int groupSize,
      Mapping mapping,
      int mappingExponent,
      double weightExponent,
      double weightBias,
      double minGap,
      double labelDropout,
      TargetLabelDropout targetLabelDropout)
      implements ObjectiveConfig {
    public Imm {
      Check.atLeast("group-size", groupSize, 1);
      Check.between("mapping-exponent", mappingExponent, 1, 30);
      Check.notNegative("weight-exponent", weightExponent);
      Check.finite("weight-bias", weightBias);
      Check.fractionBelowOne("min-gap", minGap);
      Check.fraction("label-dropout", labelDropout);
    }
  }
}
