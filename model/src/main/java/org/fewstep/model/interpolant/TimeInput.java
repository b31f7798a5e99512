package org.fewstep.model.interpolant;

/** How a time enters a network, before it is scaled. */
public enum TimeInput {
  /** As it is. */
  LINEAR {
    @Override
    double of(Schedule schedule, double t, double sigmaData) {
      return t;
    }
  },

  /**
   * EDM's c_noise, {@code ln(sigma) / 4} of the standard deviation of the noise beside data of full
   * size, {@code sigma = sigmaData sigma_t / alpha_t} (Karras et al. 2022, table 1).
   */
  LOG_NOISE {
    @Override
    double of(Schedule schedule, double t, double sigmaData) {
      return Math.log(sigmaData * schedule.noiseToSignal(t)) / 4;
    }
  };

  abstract double of(Schedule schedule, double t, double sigmaData);
}
