package org.fewstep.model.interpolant;

import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.jspecify.annotations.Nullable;

/**
 * EDM's denoiser {@code D(x; sigma) = c_skip x + c_out F(c_in x; c_noise)} of x = data + sigma
 * noise, noise N(0, I) (Karras, Aittala, Aila, Laine, "Elucidating the design space of
 * diffusion-based generative models", NeurIPS 2022, table 1, last column). The network has one
 * time, and sigma is not a time in [0, 1] here but the noise's standard deviation itself.
 *
 * <p>All of it is float32, as in the official code: at sigma 80 the state is 160 times as large as
 * the data, and samplers make visible where it was rounded.
 *
 * <p>Like its network, an instance belongs to one thread, and {@link #backward} to the last {@link
 * #apply}.
 */
public final class EdmDenoiser implements AutoCloseable {
  private final Network network;
  private final double sigmaData;
  private double[] outScales = new double[0];

  /**
   * @param network with one time
   * @param sigmaData standard deviation of the data
   */
  public EdmDenoiser(Network network, double sigmaData) {
    if (network.hasSecondTime()) {
      throw new IllegalArgumentException("a denoiser needs a network with one time");
    }
    this.network = network;
    this.sigmaData = sigmaData;
  }

  public Network network() {
    return network;
  }

  public ImageShape shape() {
    return network.shape();
  }

  /**
   * The coefficients at one noise.
   *
   * @param skip sigmaData^2 / (sigma^2 + sigmaData^2)
   * @param out sigma sigmaData / sqrt(sigma^2 + sigmaData^2)
   * @param in 1 / sqrt(sigma^2 + sigmaData^2)
   * @param noise ln(sigma) / 4
   */
  public record Coefficients(float skip, float out, float in, float noise) {}

  /** c_skip, c_out, c_in and c_noise at a noise above 0. */
  public Coefficients coefficients(double sigma) {
    float s = (float) sigma;
    float data = (float) sigmaData;
    float squares = s * s + data * data;
    float root = (float) Math.sqrt(squares);
    return new Coefficients(
        data * data / squares, s * data / root, 1 / root, (float) Math.log(s) / 4);
  }

  /**
   * D(x; sigma) of each of N states.
   *
   * @param x states, [N*D]
   * @param sigma their noise, above 0, [N]
   * @param labels one-hot rows [N*classes], zero rows for no class; null for none at all
   * @param augment augmentation labels [N*augmentDim]; null for zeros
   * @param dropout key of the masks; null in evaluation mode
   * @return [N*D], a fresh array
   */
  public double[] apply(
      double[] x,
      double[] sigma,
      float @Nullable [] labels,
      float @Nullable [] augment,
      @Nullable DropoutKey dropout) {
    double[] f = output(x, sigma, labels, augment, dropout);
    outScales = new double[sigma.length];
    for (int n = 0; n < sigma.length; n++) {
      outScales[n] = coefficients(sigma[n]).out();
    }
    return combine(x, sigma, f);
  }

  /**
   * D(x; sigma) with classifier-free guidance: D(none) + weight (D(labels) - D(none)); two network
   * calls per image. A backward cannot follow.
   */
  public double[] applyGuided(double[] x, double[] sigma, float[] labels, double weight) {
    double[] unconditional = output(x, sigma, null, null, null);
    double[] conditional = output(x, sigma, labels, null, null);
    for (int i = 0; i < conditional.length; i++) {
      conditional[i] = unconditional[i] + weight * (conditional[i] - unconditional[i]);
    }
    outScales = new double[0];
    return combine(x, sigma, conditional);
  }

  /**
   * d loss / d parameters from d loss / d D.
   *
   * @param outputGradient [N*D] of the last {@link #apply}
   * @param gradient receives the network's flat gradient
   */
  public void backward(double[] outputGradient, float[] gradient) {
    int size = shape().size();
    if (outputGradient.length != outScales.length * size) {
      throw new IllegalStateException("backward needs the gradient of the last apply");
    }
    double[] scaled = new double[outputGradient.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = outScales[i / size] * outputGradient[i];
    }
    network.backward(scaled, gradient);
  }

  private double[] output(
      double[] x,
      double[] sigma,
      float @Nullable [] labels,
      float @Nullable [] augment,
      @Nullable DropoutKey dropout) {
    int size = shape().size();
    if (x.length != sigma.length * size) {
      throw new IllegalArgumentException(
          "%d numbers are not %d states of %s".formatted(x.length, sigma.length, shape()));
    }
    double[] scaled = new double[x.length];
    double[] time = new double[sigma.length];
    for (int n = 0; n < sigma.length; n++) {
      Coefficients c = coefficients(sigma[n]);
      time[n] = c.noise();
      for (int i = n * size; i < (n + 1) * size; i++) {
        scaled[i] = c.in() * (float) x[i];
      }
    }
    return network.forward(
        new NetworkInput(sigma.length, scaled, time, null, labels, augment), dropout);
  }

  private double[] combine(double[] x, double[] sigma, double[] f) {
    int size = shape().size();
    double[] d = new double[x.length];
    for (int n = 0; n < sigma.length; n++) {
      Coefficients c = coefficients(sigma[n]);
      for (int i = n * size; i < (n + 1) * size; i++) {
        d[i] = c.skip() * (float) x[i] + c.out() * (float) f[i];
      }
    }
    return d;
  }

  @Override
  public void close() {
    network.close();
  }
}
