package org.fewstep.model.sampler;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.fewstep.model.interpolant.Schedule;

/** The falling times T = t_0 > ... > t_N = eps at which a sampler calls the network. */
public sealed interface TimeGrid {
  /**
   * @param steps N
   * @return N + 1 times from {@code tMax} down to {@code tMin}
   */
  double[] times(Schedule schedule, double tMin, double tMax, int steps);

  /** Name as in reports. */
  String name();

  TimeGrid UNIFORM = new Uniform();
  TimeGrid EDM = new Edm();

  /** Equal steps in t. */
  record Uniform() implements TimeGrid {
    @Override
    public double[] times(Schedule schedule, double tMin, double tMax, int steps) {
      double[] times = new double[steps + 1];
      for (int i = 0; i <= steps; i++) {
        times[i] = tMax + (tMin - tMax) * i / steps;
      }
      times[steps] = tMin;
      return times;
    }

    @Override
    public String name() {
      return "uniform";
    }
  }

  /** Equal steps in (sigma/alpha)^(1/7) (Karras et al. 2022, equation 5). */
  record Edm() implements TimeGrid {
    private static final double RHO = 7;

    @Override
    public double[] times(Schedule schedule, double tMin, double tMax, int steps) {
      double first = Math.pow(schedule.noiseToSignal(tMax), 1 / RHO);
      double last = Math.pow(schedule.noiseToSignal(tMin), 1 / RHO);
      double[] times = new double[steps + 1];
      for (int i = 0; i <= steps; i++) {
        times[i] = schedule.timeAt(Math.pow(first + (last - first) * i / steps, RHO));
      }
      return times;
    }

    @Override
    public String name() {
      return "edm";
    }
  }

  /**
   * Times at given values of sigma/alpha between T and eps; the number of steps is fixed by them.
   *
   * @param noiseToSignal falling values of sigma/alpha, such as 1.4 for the two-step CIFAR-10
   *     sampler
   */
  record Explicit(List<Double> noiseToSignal) implements TimeGrid {
    public Explicit {
      noiseToSignal = List.copyOf(noiseToSignal);
    }

    @Override
    public double[] times(Schedule schedule, double tMin, double tMax, int steps) {
      if (steps != noiseToSignal.size() + 1) {
        throw new IllegalArgumentException(
            "a grid with %d given times has %d steps, not %d"
                .formatted(noiseToSignal.size(), noiseToSignal.size() + 1, steps));
      }
      double[] times = new double[steps + 1];
      times[0] = tMax;
      for (int i = 1; i < steps; i++) {
        times[i] = schedule.timeAt(noiseToSignal.get(i - 1));
      }
      times[steps] = tMin;
      return times;
    }

    @Override
    public String name() {
      return "mid_nt_"
          + String.join(
              "_",
              Arrays.stream(noiseToSignal.toArray(Double[]::new))
                  .map(v -> String.format(Locale.ROOT, "%s", v))
                  .toList());
    }
  }
}
