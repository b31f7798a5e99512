package org.fewstep.model.objective;

import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * Functions of a number and a time around the exact mean of a mixture of two Gaussians given its
 * noisy state: a bilinear correction on a grid, whose values are the parameters. With ones it is
 * the perfect teacher.
 */
final class MixtureFamily implements Network {
  static final ImageShape SHAPE = new ImageShape(1, 1, 1);
  static final double SIGMA_DATA = 0.5;
  private static final double[] WEIGHTS = {0.35, 0.65};
  private static final double[] CENTRES = {-0.5, 0.45};
  private static final double DEVIATION = 0.2;
  static final double MEAN = WEIGHTS[0] * CENTRES[0] + WEIGHTS[1] * CENTRES[1];
  static final double VARIANCE =
      DEVIATION * DEVIATION
          + WEIGHTS[0] * WEIGHTS[1] * (CENTRES[1] - CENTRES[0]) * (CENTRES[1] - CENTRES[0]);

  private static final int STATES = 25;
  private static final double WIDEST = 3.6;

  private final Schedule schedule;
  private final int times;
  private final float[] values;
  private int[] cells = new int[0];
  private double[] shares = new double[0];
  private double[] scales = new double[0];

  MixtureFamily(Schedule schedule, int times) {
    this.schedule = schedule;
    this.times = times;
    this.values = parameters().initialise(0);
  }

  /** The family as a step model that predicts data. */
  static StepModel model(Schedule schedule, int times) {
    return new StepModel(
        new MixtureFamily(schedule, times),
        new StepModel.Settings(
            schedule, Parameterisation.IDENTITY, SecondTime.TARGET, SIGMA_DATA, 1));
  }

  /** Points of the mixture. */
  static Unit unit(long index, int count) {
    CounterRandom random = CounterRandom.of(77, Purpose.TOY_POINT, index);
    double[] points = new double[count];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      int component = random.nextDouble() < WEIGHTS[0] ? 0 : 1;
      points[i] = CENTRES[component] + DEVIATION * random.nextGaussian();
      labels[i] = -1;
    }
    return new Unit(index, SHAPE, points, labels);
  }

  @Override
  public double[] forward(NetworkInput input, @Nullable DropoutKey dropout) {
    int count = input.count();
    double[] output = new double[count];
    cells = new int[count];
    shares = new double[2 * count];
    scales = new double[count];
    for (int n = 0; n < count; n++) {
      double t = input.time()[n];
      double x = input.state()[n] / Parameterisation.in(schedule, t, SIGMA_DATA);
      double alpha = schedule.alpha(t);
      double sigma = schedule.sigma(t) * SIGMA_DATA;
      double width = Math.sqrt(alpha * alpha * VARIANCE + sigma * sigma);
      double u = Math.max(-WIDEST, Math.min(WIDEST, (x - alpha * MEAN) / width));
      double row = (u + WIDEST) / (2 * WIDEST) * (STATES - 1);
      double column = t * (times - 1);
      int i = (int) Math.min(row, STATES - 2.0);
      int j = (int) Math.min(column, times - 2.0);
      cells[n] = i * times + j;
      shares[2 * n] = row - i;
      shares[2 * n + 1] = column - j;
      // About what the state leaves open of the data.
      scales[n] = sigma * Math.sqrt(VARIANCE) / width;
      output[n] = denoised(x, alpha, sigma);
      for (int corner = 0; corner < 4; corner++) {
        output[n] += scales[n] * share(n, corner) * (values[cell(n, corner)] - 1);
      }
    }
    return output;
  }

  private static double denoised(double x, double alpha, double sigma) {
    double variance = alpha * alpha * DEVIATION * DEVIATION + sigma * sigma;
    double gain = alpha * DEVIATION * DEVIATION / variance;
    double lead =
        Math.log(WEIGHTS[1] / WEIGHTS[0])
            + (square(x - alpha * CENTRES[0]) - square(x - alpha * CENTRES[1])) / (2 * variance);
    double second = 1 / (1 + Math.exp(-lead));
    double centre = (1 - second) * CENTRES[0] + second * CENTRES[1];
    return centre + gain * (x - alpha * centre);
  }

  private static double square(double x) {
    return x * x;
  }

  private int cell(int n, int corner) {
    return cells[n] + (corner & 1) * times + (corner >> 1);
  }

  private double share(int n, int corner) {
    double row = (corner & 1) == 1 ? shares[2 * n] : 1 - shares[2 * n];
    double column = corner >> 1 == 1 ? shares[2 * n + 1] : 1 - shares[2 * n + 1];
    return row * column;
  }

  @Override
  public void backward(double[] outputGradient, float[] gradient) {
    double[] sum = new double[gradient.length];
    for (int n = 0; n < outputGradient.length; n++) {
      for (int corner = 0; corner < 4; corner++) {
        sum[cell(n, corner)] += scales[n] * share(n, corner) * outputGradient[n];
      }
    }
    for (int i = 0; i < sum.length; i++) {
      gradient[i] = (float) sum[i];
    }
  }

  @Override
  public ParameterTable parameters() {
    return new ParameterTable(
        List.of(
            new ParameterTable.Entry(
                "grid", new long[] {STATES, times}, 0, new Initialiser.Constant(1))));
  }

  @Override
  public void load(float[] flat) {
    System.arraycopy(flat, 0, values, 0, values.length);
  }

  @Override
  public ImageShape shape() {
    return SHAPE;
  }

  @Override
  public int classes() {
    return 0;
  }

  @Override
  public int augmentDim() {
    return 0;
  }

  @Override
  public boolean hasSecondTime() {
    return false;
  }

  @Override
  public boolean dropsOut() {
    return false;
  }

  @Override
  public void close() {}
}
