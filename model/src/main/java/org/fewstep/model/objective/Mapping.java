package org.fewstep.model.objective;

import org.fewstep.model.interpolant.Schedule;

/**
 * How r lies below t: the whole range of one measure of noise is cut into equal decrements, and r
 * is one decrement nearer to the data than t (Zhou, Ermon, Song, ICML 2025, appendix C.6).
 */
public enum Mapping {
  /** In eta = sigma / alpha, the paper's choice: coarse at little noise, fine at much. */
  ETA(false) {
    @Override
    double etaBelow(double eta, double etaMin, double etaMax, double decrements) {
      return eta - (etaMax - etaMin) / decrements;
    }
  },

  /** In the log-SNR lambda = -2 log eta: every decrement divides eta by the same number. */
  LOG_SNR(true) {
    @Override
    double etaBelow(double eta, double etaMin, double etaMax, double decrements) {
      return eta * Math.pow(etaMin / etaMax, 1 / decrements);
    }
  },

  /** In 1 / eta: fine at little noise, coarse at much. */
  INVERSE_ETA(true) {
    @Override
    double etaBelow(double eta, double etaMin, double etaMax, double decrements) {
      return 1 / (1 / eta + (1 / etaMin - 1 / etaMax) / decrements);
    }
  },

  /** In t itself. */
  TIME(false) {
    @Override
    double below(Schedule schedule, double t, double tMin, double tMax, double decrements) {
      return Math.max(t - (tMax - tMin) / decrements, tMin);
    }

    @Override
    double etaBelow(double eta, double etaMin, double etaMax, double decrements) {
      throw new IllegalStateException("a decrement of time is none of eta");
    }
  };

  private final boolean needsNoise;

  Mapping(boolean needsNoise) {
    this.needsNoise = needsNoise;
  }

  /** Whether the smallest time must be above 0, where its measure is infinite. */
  public boolean needsNoise() {
    return needsNoise;
  }

  /** The time one decrement below t, not below tMin. */
  double below(Schedule schedule, double t, double tMin, double tMax, double decrements) {
    double etaMin = schedule.noiseToSignal(tMin);
    double etaMax = schedule.noiseToSignal(tMax);
    double eta = etaBelow(schedule.noiseToSignal(t), etaMin, etaMax, decrements);
    return schedule.timeAt(Math.min(Math.max(eta, etaMin), etaMax));
  }

  abstract double etaBelow(double eta, double etaMin, double etaMax, double decrements);
}
