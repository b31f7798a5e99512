package org.fewstep.model.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.sampler.HeunSampler.Churn;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Samplers on Gaussian data, whose denoiser and whose maps are known. All of them are affine there,
 * so that mean and variance of what they draw are found without drawing: of many equal coordinates
 * the first starts at the mean, the second one deviation above it, and each other one gets the
 * fresh noise of one step. The exact solution keeps the marginals from time 0.95 to 0.
 */
class SamplerOrderTest {
  private static final double MEAN = 0.3;
  private static final double VARIANCE = 0.04;
  private static final double SIGMA_DATA = 0.5;
  private static final double T_MAX = 0.95;

  @ParameterizedTest
  @CsvSource({
    "PUSHFORWARD, FLOW, 0, 0, 1",
    "EULER, FLOW, 0, 0, 1",
    "EULER, COSINE, 0, 0, 1",
    "EULER, LINEAR_BETA, 0, 0, 1",
    "HEUN, FLOW, 0, 0, 2",
    "HEUN, COSINE, 0, 0, 2",
    "HEUN, FLOW, 0, 5, 2",
    "DDIM, FLOW, 0, 0, 1",
    "DDIM, COSINE, 0, 0, 1",
    "DDIM, COSINE, 0.5, 0, 1",
    "DDIM, FLOW, 1, 0, 1",
    "DDPM, FLOW, 0, 0, 1",
    "DDPM, LINEAR_BETA, 0, 0, 1"
  })
  void shouldComeNearerToTheExactSolutionInItsOrder(
      Sampler sampler, Schedule schedule, double eta, double churn, int order) {
    Sampler.Options options = new Sampler.Options(eta, false, churn(churn));
    double coarse = error(sampler, schedule, options, 64);
    double fine = error(sampler, schedule, options, 128);

    assertThat(fine).isPositive().isLessThan(0.02);
    assertThat(Math.log(coarse / fine) / Math.log(2)).isCloseTo(order, within(0.3));
  }

  /** Both variances lead to the same as steps become small. */
  @Test
  void shouldConvergeWithTheLargeVarianceToo() {
    Sampler.Options options = new Sampler.Options(0, true, Churn.NONE);
    double coarse = error(Sampler.DDPM, Schedule.COSINE, options, 64);
    double fine = error(Sampler.DDPM, Schedule.COSINE, options, 256);

    assertThat(fine).isLessThan(coarse / 2);
  }

  @ParameterizedTest
  @EnumSource(names = {"PUSHFORWARD", "RESTART", "SHORTCUT"})
  void shouldBeExactInAnyNumberOfStepsWithAnExactMap(Sampler sampler) {
    for (int steps : new int[] {1, 2, 8}) {
      assertThat(error(sampler, Schedule.FLOW, true, Sampler.Options.NONE, steps)).isLessThan(1e-9);
    }
  }

  @ParameterizedTest
  @EnumSource(Sampler.class)
  void shouldCallTheNetworkAsOftenAsItSays(Sampler sampler) {
    boolean map = sampler == Sampler.RESTART || sampler == Sampler.SHORTCUT;
    GaussianNetwork network = new GaussianNetwork(Schedule.FLOW, map, 6);

    moments(sampler, network, Sampler.Options.NONE, 4, null);
    assertThat(network.calls).isEqualTo(sampler.networkEvaluations(4));
    network.calls = 0;
    moments(sampler, network, Sampler.Options.NONE, 4, 1.5);
    assertThat(network.calls).isEqualTo(2 * sampler.networkEvaluations(4));
  }

  private static Churn churn(double amount) {
    return amount == 0 ? Churn.NONE : new Churn(amount, 0.1, 5, 1);
  }

  private static double error(
      Sampler sampler, Schedule schedule, Sampler.Options options, int steps) {
    return error(sampler, schedule, false, options, steps);
  }

  private static double error(
      Sampler sampler, Schedule schedule, boolean map, Sampler.Options options, int steps) {
    GaussianNetwork network = new GaussianNetwork(schedule, map, steps + 2);
    double[] drawn = moments(sampler, network, options, steps, null);
    double mean = drawn[0];
    double variance = 0;
    for (int i = 1; i < drawn.length; i++) {
      variance += (drawn[i] - mean) * (drawn[i] - mean);
    }
    return Math.hypot(mean - MEAN, Math.sqrt(variance) - Math.sqrt(VARIANCE));
  }

  private static double[] moments(
      Sampler sampler,
      GaussianNetwork network,
      Sampler.Options options,
      int steps,
      @Nullable Double guidance) {
    StepModel model =
        new StepModel(
            network,
            new StepModel.Settings(
                network.schedule, Parameterisation.IDENTITY, SecondTime.TARGET, SIGMA_DATA, 1));
    int size = network.size;
    double[] start = new double[size];
    Arrays.fill(start, network.schedule.alpha(T_MAX) * MEAN);
    start[1] += Math.sqrt(variance(network.schedule, T_MAX));
    Sampler.FreshNoise fresh =
        step -> {
          double[] noise = new double[size];
          noise[2 + step] = SIGMA_DATA;
          return noise;
        };
    // Heun's variable is sigma / alpha, where even steps of t are uneven.
    TimeGrid grid = sampler == Sampler.HEUN ? TimeGrid.EDM : TimeGrid.UNIFORM;
    double[] times = grid.times(network.schedule, 0, T_MAX, steps);
    return sampler.sample(
        model, start, times, new Sampler.Request(new float[1], guidance, fresh, options));
  }

  private static double variance(Schedule schedule, double t) {
    double alpha = schedule.alpha(t);
    double sigma = schedule.sigma(t) * SIGMA_DATA;
    return alpha * alpha * VARIANCE + sigma * sigma;
  }

  /** The exact denoiser, or the data that leads exactly from t to s. */
  private static final class GaussianNetwork implements Network {
    private final Schedule schedule;
    private final boolean map;
    private final int size;
    private int calls;

    GaussianNetwork(Schedule schedule, boolean map, int size) {
      this.schedule = schedule;
      this.map = map;
      this.size = size;
    }

    @Override
    public double[] forward(NetworkInput input, @Nullable DropoutKey dropout) {
      calls++;
      double t = input.time()[0];
      double scale = Parameterisation.in(schedule, t, SIGMA_DATA);
      double[] second = input.secondTime();
      return Arrays.stream(input.state())
          .map(x -> second == null ? denoised(x / scale, t) : mapped(x / scale, t, second[0]))
          .toArray();
    }

    private double denoised(double x, double t) {
      double alpha = schedule.alpha(t);
      return MEAN + alpha * VARIANCE / variance(schedule, t) * (x - alpha * MEAN);
    }

    private double mapped(double x, double t, double s) {
      double exact =
          schedule.alpha(s) * MEAN
              + Math.sqrt(variance(schedule, s) / variance(schedule, t))
                  * (x - schedule.alpha(t) * MEAN);
      double kept = schedule.sigma(s) / schedule.sigma(t);
      return (exact - kept * x) / (schedule.alpha(s) - kept * schedule.alpha(t));
    }

    @Override
    public ImageShape shape() {
      return new ImageShape(size, 1, 1);
    }

    @Override
    public int classes() {
      return 1;
    }

    @Override
    public int augmentDim() {
      return 0;
    }

    @Override
    public boolean hasSecondTime() {
      return map;
    }

    @Override
    public boolean dropsOut() {
      return false;
    }

    @Override
    public ParameterTable parameters() {
      throw learnsNothing();
    }

    @Override
    public void load(float[] flat) {
      throw learnsNothing();
    }

    @Override
    public void backward(double[] outputGradient, float[] gradient) {
      throw learnsNothing();
    }

    @Override
    public void close() {}

    private static AssertionError learnsNothing() {
      return new AssertionError("a sampler asks a network for its outputs alone");
    }
  }
}
