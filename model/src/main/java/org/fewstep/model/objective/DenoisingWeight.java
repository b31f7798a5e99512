package org.fewstep.model.objective;

import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.StepModel;

/**
 * Factor on the squared error of the denoised image that makes it the squared error of something
 * else, in units of sigmaData^2. With eps = (x_t - alpha x) / sigma, an error e of x is an error
 * -(alpha / sigma) e of eps, and so on.
 */
public enum DenoisingWeight {
  /** Of what the network puts out, whatever that is: 1 / c_out(0, t)^2. */
  PREDICTION {
    @Override
    double at(StepModel.Settings model, double t) {
      double out = model.parameterisation().out(model.schedule(), 0, t, model.sigmaData());
      return 1 / (out * out);
    }
  },

  /** Of the noise: the signal-to-noise ratio (Ho, Jain, Abbeel 2020, equation 14). */
  EPSILON {
    @Override
    double at(StepModel.Settings model, double t) {
      return square(1 / (model.schedule().noiseToSignal(t) * model.sigmaData()));
    }
  },

  /** Of the data. */
  X {
    @Override
    double at(StepModel.Settings model, double t) {
      return square(1 / model.sigmaData());
    }
  },

  /**
   * Of v = alpha eps - sigma x (Salimans, Ho 2022, appendix D); on a schedule that keeps the
   * variance the signal-to-noise ratio plus 1.
   */
  V {
    @Override
    double at(StepModel.Settings model, double t) {
      Schedule schedule = model.schedule();
      double alpha = schedule.alpha(t);
      double sigma = schedule.sigma(t);
      return square((alpha * alpha + sigma * sigma) / (sigma * model.sigmaData()));
    }
  },

  /** Of the velocity alpha' x + sigma' eps (Lipman et al. 2023, equation 9). */
  VELOCITY {
    @Override
    double at(StepModel.Settings model, double t) {
      Schedule schedule = model.schedule();
      double factor =
          schedule.alphaSlope(t) - schedule.sigmaSlope(t) * schedule.alpha(t) / schedule.sigma(t);
      return square(factor / model.sigmaData());
    }
  },

  /** EDM's, (sigma^2 + sigmaData^2) / (sigma sigmaData)^2 (Karras et al. 2022, table 1). */
  EDM {
    @Override
    double at(StepModel.Settings model, double t) {
      double out = Parameterisation.SIMPLE_EDM.out(model.schedule(), 0, t, model.sigmaData());
      return 1 / (out * out);
    }
  },

  /** 1 at all times. */
  FLAT {
    @Override
    double at(StepModel.Settings model, double t) {
      return 1;
    }
  },

  /** The signal-to-noise ratio plus 1. */
  SNR_PLUS_ONE {
    @Override
    double at(StepModel.Settings model, double t) {
      return EPSILON.at(model, t) + 1;
    }
  },

  /** The signal-to-noise ratio, 1 at least (Salimans, Ho 2022). */
  TRUNCATED_SNR {
    @Override
    double at(StepModel.Settings model, double t) {
      return Math.max(EPSILON.at(model, t), 1);
    }
  };

  /** The factor at a time. */
  abstract double at(StepModel.Settings model, double t);

  private static double square(double x) {
    return x * x;
  }
}
