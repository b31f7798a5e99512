package org.fewstep.model.sampler;

import java.util.Arrays;
import java.util.Locale;
import org.fewstep.config.UserException;
import org.fewstep.model.interpolant.Posterior;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.StepModel;
import org.jspecify.annotations.Nullable;

/**
 * From prior noise to images down a grid of times.
 *
 * <p>The first two and the last use the one-step map f_{s,t} (Zhou, Ermon, Song, "Inductive Moment
 * Matching", ICML 2025, section 4.3 and appendix F); the others the mean of the data at one time,
 * which a network with one time gives. On data whose mean is known exactly, their errors fall with
 * the number of steps N: as 1/N, and as 1/N^2 for {@link #HEUN} without churn.
 */
public enum Sampler {
  /** x <- f_{t_next, t}(x) down the grid; with a denoiser's network, DDIM. */
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
  },

  /** Euler's method on dx/dt = alpha' x^ + sigma' eps^. */
  EULER {
    @Override
    public double[] sample(StepModel model, double[] noise, double[] times, Request request) {
      Schedule schedule = model.settings().schedule();
      double[] x = noise;
      for (int i = 0; i + 1 < times.length; i++) {
        double t = times[i];
        // alpha' x^ + sigma' (x - alpha x^) / sigma
        double ofState = schedule.sigmaSlope(t) / schedule.sigma(t);
        double ofData = schedule.alphaSlope(t) - ofState * schedule.alpha(t);
        double[] data = model.denoise(x, t, request.labels(), request.guidance());
        x = combined(x, 1 + (times[i + 1] - t) * ofState, data, (times[i + 1] - t) * ofData);
      }
      return x;
    }
  },

  /**
   * Heun's method with churn, the last step Euler's, in EDM's variables: x / alpha as a function of
   * sigmaData sigma / alpha (Karras et al. 2022, algorithms 1 and 2).
   */
  HEUN {
    @Override
    public double[] sample(StepModel model, double[] noise, double[] times, Request request) {
      StepModel.Settings settings = model.settings();
      Schedule schedule = settings.schedule();
      HeunSampler.Churn churn = request.options().churn();
      int steps = times.length - 1;
      double[] x = scaled(noise, 1 / schedule.alpha(times[0]));
      for (int i = 0; i < steps; i++) {
        double t = times[i];
        double eta = schedule.noiseToSignal(t);
        double gamma = churn.gamma(settings.sigmaData() * eta, steps);
        if (gamma > 0) {
          double more = eta * (1 + gamma);
          double deviation = churn.noise() * Math.sqrt(more * more - eta * eta);
          x = combined(x, 1, request.freshNoise().draw(i), deviation);
          eta = more;
          t = schedule.timeAt(more);
        }
        double next = schedule.noiseToSignal(times[i + 1]);
        double[] slope = request.slope(model, x, t, eta);
        double[] euler = combined(x, 1, slope, next - eta);
        if (i + 1 < steps) {
          double[] atNext = request.slope(model, euler, times[i + 1], next);
          euler = combined(x, 1, combined(slope, 0.5, atNext, 0.5), next - eta);
        }
        x = euler;
      }
      return scaled(x, schedule.alpha(times[steps]));
    }

    @Override
    public int networkEvaluations(int steps) {
      return 2 * steps - 1;
    }
  },

  /**
   * DDIM (Song, Meng, Ermon 2021, equation 12): a share of an ancestral step's noise is fresh, the
   * rest is the noise that the state is found to hold. No fresh noise in the last step.
   */
  DDIM {
    @Override
    public double[] sample(StepModel model, double[] noise, double[] times, Request request) {
      Schedule schedule = model.settings().schedule();
      double[] x = noise;
      for (int i = 0; i + 1 < times.length; i++) {
        double t = times[i];
        double s = times[i + 1];
        boolean last = i + 2 == times.length;
        double share = last ? 0 : request.options().ddimEta();
        double fresh = share * Math.sqrt(Posterior.of(schedule, s, t).variance());
        double sigma = schedule.sigma(s);
        double kept = Math.sqrt(Math.max(0, sigma * sigma - fresh * fresh)) / schedule.sigma(t);
        double[] data = model.denoise(x, t, request.labels(), request.guidance());
        x = combined(x, kept, data, schedule.alpha(s) - kept * schedule.alpha(t));
        if (fresh > 0) {
          x = combined(x, 1, request.freshNoise().draw(i), fresh);
        }
      }
      return x;
    }
  },

  /**
   * Ancestral sampling from the posterior of x_s given x_t and the data's mean (Ho, Jain, Abbeel
   * 2020, equations 6 and 7). No noise in the last step.
   */
  DDPM {
    @Override
    public double[] sample(StepModel model, double[] noise, double[] times, Request request) {
      Schedule schedule = model.settings().schedule();
      double[] x = noise;
      for (int i = 0; i + 1 < times.length; i++) {
        double t = times[i];
        Posterior step = Posterior.of(schedule, times[i + 1], t);
        double[] data = model.denoise(x, t, request.labels(), request.guidance());
        x = combined(x, step.ofState(), data, step.ofData());
        if (i + 2 < times.length) {
          double variance =
              request.options().largeVariance() ? step.forwardVariance() : step.variance();
          x = combined(x, 1, request.freshNoise().draw(i), Math.sqrt(variance));
        }
      }
      return x;
    }
  },

  /**
   * {@link #PUSHFORWARD} in steps of a size that shortcut models learn: one over a power of two.
   */
  SHORTCUT {
    @Override
    public double[] sample(StepModel model, double[] noise, double[] times, Request request) {
      int steps = times.length - 1;
      if (Integer.bitCount(steps) != 1) {
        throw new UserException(
            "the sampler shortcut takes a number of steps that is a power of two, not " + steps);
      }
      return PUSHFORWARD.sample(model, noise, times, request);
    }
  },

  /**
   * A distilled student's loop: posterior steps as {@link #DDPM}'s, with the student's image in
   * place of the data's mean; the image of the last time before the smallest is the sample
   * (Salimans, Mensink, Heek, Hoogeboom 2024, algorithm 1).
   */
  ANCESTRAL {
    @Override
    public double[] sample(StepModel model, double[] noise, double[] times, Request request) {
      Schedule schedule = model.settings().schedule();
      int last = times.length - 2;
      double[] x = noise;
      for (int i = 0; i < last; i++) {
        Posterior step = Posterior.of(schedule, times[i + 1], times[i]);
        double[] image = model.denoise(x, times[i], request.labels(), request.guidance());
        x = combined(x, step.ofState(), image, step.ofData());
        x = combined(x, 1, request.freshNoise().draw(i), Math.sqrt(step.variance()));
      }
      return model.denoise(x, times[last], request.labels(), request.guidance());
    }
  };

  /** Noise N(0, sigmaData^2 I), fresh in a step. */
  @FunctionalInterface
  public interface FreshNoise {
    /**
     * @param step 0 for the first; each is asked for once at most, in rising order
     * @return one number for each of the states
     */
    double[] draw(int step);
  }

  /**
   * What some samplers may be told.
   *
   * @param ddimEta share of an ancestral step's noise that DDIM takes afresh, in [0, 1]
   * @param largeVariance whether DDPM's noise has the variance of the forward step
   * @param churn of Heun's sampler
   */
  public record Options(double ddimEta, boolean largeVariance, HeunSampler.Churn churn) {
    public static final Options NONE = new Options(0, false, HeunSampler.Churn.NONE);
  }

  /**
   * What is asked of a sampler besides the prior noise.
   *
   * @param labels one-hot rows, or null without classes
   * @param guidance null for one network call a step with {@code labels} as they are; otherwise the
   *     weight of classifier-free guidance, at two calls a step
   */
  public record Request(
      float @Nullable [] labels,
      @Nullable Double guidance,
      FreshNoise freshNoise,
      Options options) {
    /** Without options. */
    public Request(float @Nullable [] labels, @Nullable Double guidance, FreshNoise freshNoise) {
      this(labels, guidance, freshNoise, Options.NONE);
    }

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

    /** d(x / alpha) / d(sigma / alpha), from x / alpha. */
    private double[] slope(StepModel model, double[] overAlpha, double t, double eta) {
      double[] x = scaled(overAlpha, model.settings().schedule().alpha(t));
      return combined(overAlpha, 1 / eta, model.denoise(x, t, labels, guidance), -1 / eta);
    }
  }

  /**
   * @param noise states at the grid's first time, [N*D], drawn from N(0, sigmaData^2 I); not
   *     changed
   * @param times falling grid
   * @return images, [N*D]
   */
  public abstract double[] sample(StepModel model, double[] noise, double[] times, Request request);

  /** Network calls for one image without guidance, which doubles them. */
  public int networkEvaluations(int steps) {
    return steps;
  }

  /** Its name in reports, with the options that it heeds and that are not the usual ones. */
  public String label(Options options) {
    String name = name().toLowerCase(Locale.ROOT);
    if (this == DDIM && options.ddimEta() != 0) {
      return name + "_eta_" + options.ddimEta();
    }
    if (this == DDPM && options.largeVariance()) {
      return name + "_large";
    }
    if (this == HEUN && options.churn().amount() != 0) {
      HeunSampler.Churn churn = options.churn();
      return "%s_churn_%s_%s_%s_%s"
          .formatted(name, churn.amount(), churn.from(), churn.to(), churn.noise());
    }
    return name;
  }

  private static double[] scaled(double[] x, double factor) {
    double[] result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = factor * x[i];
    }
    return result;
  }

  private static double[] combined(double[] x, double ofX, double[] y, double ofY) {
    double[] result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = ofX * x[i] + ofY * y[i];
    }
    return result;
  }
}
