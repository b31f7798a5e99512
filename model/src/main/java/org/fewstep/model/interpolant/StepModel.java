package org.fewstep.model.interpolant;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.jspecify.annotations.Nullable;

/**
 * The one-step map f_{s,t} of a network. States and results are float64; only the network computes
 * in its own precision. A network with one time is not told s, which then only the coefficients
 * know.
 *
 * <p>Like its network, an instance belongs to one thread, and {@link #backward} to the last {@link
 * #apply}.
 */
public final class StepModel implements AutoCloseable {
  /**
   * What turns a network into a map.
   *
   * @param sigmaData standard deviation of data and prior
   * @param timeInput how a time enters the network
   * @param timeScale what enters is multiplied by it before it is embedded
   */
  public record Settings(
      Schedule schedule,
      Parameterisation parameterisation,
      SecondTime secondTime,
      double sigmaData,
      TimeInput timeInput,
      double timeScale) {
    /** Of a network that is told times as they are. */
    public Settings(
        Schedule schedule,
        Parameterisation parameterisation,
        SecondTime secondTime,
        double sigmaData,
        double timeScale) {
      this(schedule, parameterisation, secondTime, sigmaData, TimeInput.LINEAR, timeScale);
    }

    /** What the network is told of a time. */
    public double told(double t) {
      return timeScale * timeInput.of(schedule, t, sigmaData);
    }

    /** What the network is told of the time to go to. */
    public double toldSecond(double t, double s) {
      return secondTime == SecondTime.TARGET ? told(s) : timeScale * (t - s);
    }
  }

  private final Network network;
  private final Settings settings;
  private double[] outScales = new double[0];

  public StepModel(Network network, Settings settings) {
    this.network = network;
    this.settings = settings;
  }

  public Network network() {
    return network;
  }

  public Settings settings() {
    return settings;
  }

  public ImageShape shape() {
    return network.shape();
  }

  /**
   * f_{s,t}(x) of each of N states.
   *
   * @param x states, [N*D]
   * @param t times of the states, [N]
   * @param s target times, [N]
   * @param labels one-hot rows [N*classes], zero rows for no class; null for none at all
   * @param augment augmentation labels [N*augmentDim]; null for zeros
   * @param dropout key of the masks; null in evaluation mode
   * @return [N*D], a fresh array
   */
  public double[] apply(
      double[] x,
      double[] t,
      double[] s,
      float @Nullable [] labels,
      float @Nullable [] augment,
      @Nullable DropoutKey dropout) {
    double[] g = output(x, t, s, labels, augment, dropout);
    outScales = new double[t.length];
    for (int n = 0; n < t.length; n++) {
      outScales[n] = outScale(s[n], t[n]);
    }
    return combine(x, t, s, g);
  }

  /**
   * f_{s,t}(x) as {@link #apply} gives it, for those who need no backward: where t = s it is x, and
   * the network is not asked.
   */
  public double[] applyConstant(
      double[] x, double[] t, double[] s, float @Nullable [] labels, @Nullable DropoutKey dropout) {
    // A mask belongs to a place in the batch, which dropping others would move.
    if (dropout != null && network.dropsOut()) {
      return apply(x, t, s, labels, null, dropout);
    }
    outScales = new double[0];
    int[] moved = IntStream.range(0, t.length).filter(n -> t[n] != s[n]).toArray();
    double[] f = x.clone();
    if (moved.length > 0) {
      int size = shape().size();
      double[] some = rows(x, moved, size);
      double[] someT = rows(t, moved, 1);
      double[] someS = rows(s, moved, 1);
      float[] someLabels = labels == null ? null : rows(labels, moved, network.classes());
      double[] result =
          combine(some, someT, someS, output(some, someT, someS, someLabels, null, dropout));
      for (int i = 0; i < moved.length; i++) {
        System.arraycopy(result, i * size, f, moved[i] * size, size);
      }
    }
    return f;
  }

  private static double[] rows(double[] values, int[] chosen, int length) {
    double[] result = new double[chosen.length * length];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(values, chosen[i] * length, result, i * length, length);
    }
    return result;
  }

  private static float[] rows(float[] values, int[] chosen, int length) {
    float[] result = new float[chosen.length * length];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(values, chosen[i] * length, result, i * length, length);
    }
    return result;
  }

  /**
   * f_{s,t}(x) with classifier-free guidance on the network output: G = G(none) + weight (G(labels)
   * - G(none)); two network calls per image. A backward cannot follow.
   */
  public double[] applyGuided(double[] x, double[] t, double[] s, float[] labels, double weight) {
    double[] unconditional = output(x, t, s, null, null, null);
    double[] conditional = output(x, t, s, labels, null, null);
    for (int i = 0; i < conditional.length; i++) {
      conditional[i] = unconditional[i] + weight * (conditional[i] - unconditional[i]);
    }
    outScales = new double[0];
    return combine(x, t, s, conditional);
  }

  /**
   * d loss / d parameters from d loss / d f.
   *
   * @param outputGradient [N*D] of the last {@link #apply}
   * @param gradient receives the network's flat gradient
   */
  public void backward(double[] outputGradient, float[] gradient) {
    network.backward(networkGradient(outputGradient), gradient);
  }

  /** d loss / d G from d loss / d f. */
  public double[] networkGradient(double[] outputGradient) {
    int size = shape().size();
    if (outputGradient.length != outScales.length * size) {
      throw new IllegalStateException("backward needs the gradient of the last apply");
    }
    double[] scaled = new double[outputGradient.length];
    for (int n = 0; n < outScales.length; n++) {
      for (int i = n * size; i < (n + 1) * size; i++) {
        scaled[i] = outScales[n] * outputGradient[i];
      }
    }
    return scaled;
  }

  /**
   * The mean of the data, f_{0,t}(x), of a network that is told one time. For samplers and those
   * who need no backward.
   *
   * @param guidance null for one network call with {@code labels} as they are; otherwise the weight
   *     of classifier-free guidance, at two calls
   */
  public double[] denoise(
      double[] x, double t, float @Nullable [] labels, @Nullable Double guidance) {
    if (network.hasSecondTime()) {
      throw new IllegalArgumentException(
          "a denoiser's sampler needs a network with one time, not a step model's with two");
    }
    double[] times = new double[x.length / shape().size()];
    Arrays.fill(times, t);
    double[] zeros = new double[times.length];
    return guidance == null || labels == null
        ? apply(x, times, zeros, labels, null, null)
        : applyGuided(x, times, zeros, labels, guidance);
  }

  /** c_out(s, t). */
  public double outScale(double s, double t) {
    return settings.parameterisation().out(settings.schedule(), s, t, settings.sigmaData());
  }

  private double[] output(
      double[] x,
      double[] t,
      double[] s,
      float @Nullable [] labels,
      float @Nullable [] augment,
      @Nullable DropoutKey dropout) {
    int size = shape().size();
    if (x.length != t.length * size || s.length != t.length) {
      throw new IllegalArgumentException(
          "%d numbers are not %d states of %s".formatted(x.length, t.length, shape()));
    }
    double[] scaled = new double[x.length];
    double[] first = new double[t.length];
    double[] second = network.hasSecondTime() ? new double[t.length] : null;
    for (int n = 0; n < t.length; n++) {
      double in = Parameterisation.in(settings.schedule(), t[n], settings.sigmaData());
      for (int i = n * size; i < (n + 1) * size; i++) {
        scaled[i] = in * x[i];
      }
      first[n] = settings.told(t[n]);
      if (second != null) {
        second[n] = settings.toldSecond(t[n], s[n]);
      }
    }
    return network.forward(
        new NetworkInput(t.length, scaled, first, second, labels, augment), dropout);
  }

  private double[] combine(double[] x, double[] t, double[] s, double[] g) {
    int size = shape().size();
    double[] f = new double[x.length];
    for (int n = 0; n < t.length; n++) {
      double skip = settings.parameterisation().skip(settings.schedule(), s[n], t[n]);
      double out = outScale(s[n], t[n]);
      for (int i = n * size; i < (n + 1) * size; i++) {
        f[i] = skip * x[i] + out * g[i];
      }
    }
    return f;
  }

  @Override
  public void close() {
    network.close();
  }
}
