package org.fewstep.model.sampler;

import java.util.Arrays;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.StepModel;
import org.jspecify.annotations.Nullable;

/**
 * From prior noise to images by the one-step map (Zhou, Ermon, Song, "Inductive Moment Matching",
 * ICML 2025, section 4.3 and appendix F).
 */
public enum Sampler {
  /** x <- f_{t_next, t}(x) down the grid. */
  PUSHFORWARD {
    @Override
    public double[] sample(StepModel model, double[] noise, double[] times, Request request) {
      double[] x = noise;
      for (int i = 0; i + 1 < times.length; i++) {
        x = request.step(model, x, times[i], times[i + 1]);
      }
      return x;
    }
  },

  /** Straight to the smallest time, then noised again to the next time of the grid. */
  RESTART {
    @Override
    public double[] sample(StepModel model, double[] noise, double[] times, Request request) {
      double last = times[times.length - 1];
      Schedule schedule = model.settings().schedule();
      double[] x = noise;
      for (int i = 0; i + 1 < times.length; i++) {
        x = request.step(model, x, times[i], last);
        if (i + 2 < times.length) {
          double alpha = schedule.alpha(times[i + 1]);
          double sigma = schedule.sigma(times[i + 1]);
          double[] fresh = request.freshNoise().draw(i);
          for (int d = 0; d < x.length; d++) {
            x[d] = alpha * x[d] + sigma * fresh[d];
          }
        }
      }
      return x;
    }
  };

  /** Noise N(0, sigmaData^2 I) of a restart. */
  @FunctionalInterface
  public interface FreshNoise {
    /**
     * @param restart 0 for the first
     * @return one number for each of the states
     */
    double[] draw(int restart);
  }

  /**
   * What is asked of a sampler besides the prior noise.
   *
   * @param labels one-hot rows, or null without classes
   * @param guidance null for one network call a step with {@code labels} as they are; otherwise the
   *     weight of classifier-free guidance, at two calls a step
   * @param freshNoise noise of the restart sampler
   */
  public record Request(
      float @Nullable [] labels, @Nullable Double guidance, FreshNoise freshNoise) {
    private double[] step(StepModel model, double[] x, double t, double s) {
      int count = x.length / model.shape().size();
      double[] ts = new double[count];
      double[] ss = new double[count];
      Arrays.fill(ts, t);
      Arrays.fill(ss, s);
      if (guidance == null || labels == null) {
        return model.apply(x, ts, ss, labels, null, null);
      }
      return model.applyGuided(x, ts, ss, labels, guidance);
    }

    /** Network calls for one image in a given number of steps. */
    public int networkEvaluations(int steps) {
      return guidance == null || labels == null ? steps : 2 * steps;
    }
  }

  /**
   * @param noise states at the grid's first time, [N*D], drawn from N(0, sigmaData^2 I); not
   *     changed
   * @param times falling grid
   * @return images, [N*D]
   */
  public abstract double[] sample(StepModel model, double[] noise, double[] times, Request request);
}
