package org.fewstep.model.sampler;

import java.util.Arrays;
import org.fewstep.model.interpolant.EdmDenoiser;
import org.jspecify.annotations.Nullable;

/**
 * EDM's second-order sampler with optional churn (Karras et al. 2022, algorithms 1 and 2): from
 * noise of standard deviation sigmaMax to an image in N steps of Heun's method, the last one of
 * Euler's.
 *
 * @param sigmaMin the last noise above 0
 * @param rho larger values make the steps at small noise shorter
 */
public record HeunSampler(double sigmaMin, double sigmaMax, double rho, Churn churn) {
  /** Of EDM's paper, without churn. */
  public static final HeunSampler DETERMINISTIC = new HeunSampler(0.002, 80, 7, Churn.NONE);

  private static final double LARGEST_GAMMA = Math.sqrt(2) - 1;

  /**
   * Noise added before a step, as if going back.
   *
   * @param amount S_churn, over all steps; 0 for none
   * @param from S_min, smallest noise at which there is churn
   * @param to S_max, largest one
   * @param noise S_noise, standard deviation of what is added over that of pure noise
   */
  public record Churn(double amount, double from, double to, double noise) {
    public static final Churn NONE = new Churn(0, 0, Double.POSITIVE_INFINITY, 1);

    /** Share by which the noise grows before a step. */
    double gamma(double sigma, int steps) {
      return sigma >= from && sigma <= to ? Math.min(amount / steps, LARGEST_GAMMA) : 0;
    }
  }

  /** N(0, I) for a step's churn. */
  @FunctionalInterface
  public interface FreshNoise {
    double[] draw(int step);
  }

  /**
   * What is asked of the sampler besides the prior noise.
   *
   * @param labels one-hot rows, or null without classes
   * @param guidance null for one network call with {@code labels} as they are; otherwise the weight
   *     of classifier-free guidance, at two calls
   */
  public record Request(
      float @Nullable [] labels, @Nullable Double guidance, FreshNoise freshNoise) {
    private double[] denoise(EdmDenoiser denoiser, double[] x, double sigma) {
      double[] sigmas = new double[x.length / denoiser.shape().size()];
      Arrays.fill(sigmas, sigma);
      if (guidance == null || labels == null) {
        return denoiser.apply(x, sigmas, labels, null, null);
      }
      return denoiser.applyGuided(x, sigmas, labels, guidance);
    }
  }

  /** The noises sigma_0 = sigmaMax > ... > sigma_{N-1} = sigmaMin, then 0. */
  public double[] sigmas(int steps) {
    double first = Math.pow(sigmaMax, 1 / rho);
    double last = Math.pow(sigmaMin, 1 / rho);
    double[] sigmas = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      double share = steps == 1 ? 0 : i / (double) (steps - 1);
      sigmas[i] = Math.pow(first + share * (last - first), rho);
    }
    return sigmas;
  }

  /** Network calls for one image without guidance. */
  public static int networkEvaluations(int steps) {
    return 2 * steps - 1;
  }

  /**
   * @param noise N(0, I), [N*D]; not changed
   * @return images, [N*D]
   */
  public double[] sample(EdmDenoiser denoiser, double[] noise, int steps, Request request) {
    double[] sigmas = sigmas(steps);
    double[] x = new double[noise.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = sigmas[0] * noise[i];
    }
    for (int step = 0; step < steps; step++) {
      double gamma = churn.gamma(sigmas[step], steps);
      double sigma = sigmas[step] * (1 + gamma);
      double next = sigmas[step + 1];
      if (gamma > 0) {
        addNoise(x, Math.sqrt(sigma * sigma - sigmas[step] * sigmas[step]), request, step);
      }
      double[] slope = slope(x, request.denoise(denoiser, x, sigma), sigma);
      double[] euler = moved(x, slope, next - sigma);
      if (next > 0) {
        double[] atNext = slope(euler, request.denoise(denoiser, euler, next), next);
        for (int i = 0; i < slope.length; i++) {
          slope[i] = 0.5 * slope[i] + 0.5 * atNext[i];
        }
        x = moved(x, slope, next - sigma);
      } else {
        x = euler;
      }
    }
    return x;
  }

  private void addNoise(double[] x, double deviation, Request request, int step) {
    double[] fresh = request.freshNoise().draw(step);
    for (int i = 0; i < x.length; i++) {
      x[i] += deviation * churn.noise() * fresh[i];
    }
  }

  /** dx/dsigma = (x - D) / sigma. */
  private static double[] slope(double[] x, double[] denoised, double sigma) {
    double[] slope = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      slope[i] = (x[i] - denoised[i]) / sigma;
    }
    return slope;
  }

  private static double[] moved(double[] x, double[] slope, double distance) {
    double[] moved = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      moved[i] = x[i] + distance * slope[i];
    }
    return moved;
  }
}
