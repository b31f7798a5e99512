package org.fewstep.model.interpolant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParameterisationTest {
  @ParameterizedTest
  @CsvSource({
    "FLOW, SIMPLE_EDM, 0.2, 0.7, 0.6551724138, -0.3282660821",
    "FLOW, EULER_FM, 0.2, 0.7, 1, -0.25",
    "FLOW, IDENTITY, 0.2, 0.7, 0.2857142857, 0.7142857143",
    "COSINE, SIMPLE_EDM, 0.2, 0.7, 0.7071067812, -0.3535533906",
    "FLOW, SIMPLE_EDM, 0, 0.994, 0.006072431969, -0.4999908913"
  })
  void shouldHaveThePublishedScales(
      Schedule schedule, Parameterisation form, double s, double t, double skip, double out) {
    assertThat(form.skip(schedule, s, t)).isCloseTo(skip, within(1e-10));
    assertThat(form.out(schedule, s, t, 0.5)).isCloseTo(out, within(1e-10));
  }

  @Property
  void shouldBeTheIdentityWhereTimesMeet(
      @ForAll Parameterisation form, @ForAll @DoubleRange(min = 0.01, max = 0.99) double t) {
    assertThat(form.skip(Schedule.FLOW, t, t)).isCloseTo(1, within(1e-12));
    assertThat(form.out(Schedule.FLOW, t, t, 0.5)).isCloseTo(0, within(1e-12));
  }

  @Test
  void shouldRefuseEulerStepsOnACurvedPath() {
    assertThatThrownBy(() -> Parameterisation.EULER_FM.out(Schedule.COSINE, 0.1, 0.2, 0.5))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "FLOW, 0.1, 0.1111111111, 4.394449155, -22.22222222",
    "FLOW, 0.994, 165.6666667, -10.21995547, -335.3454058",
    "COSINE, 0.1, 0.1583844403, 3.685460069, -20.33281477"
  })
  void shouldHaveThePublishedNoiseLevels(
      Schedule schedule, double t, double noiseToSignal, double logSnr, double slope) {
    assertThat(schedule.noiseToSignal(t)).isCloseTo(noiseToSignal, within(1e-7));
    assertThat(schedule.logSnr(t)).isCloseTo(logSnr, within(1e-8));
    assertThat(schedule.logSnrSlope(t)).isCloseTo(slope, within(1e-7));
    assertThat(schedule.timeAt(schedule.noiseToSignal(t))).isCloseTo(t, within(1e-14));
  }

  @Property
  void shouldHaveSlopesThatAgreeWithFiniteDifferences(
      @ForAll Schedule schedule, @ForAll @DoubleRange(min = 0.01, max = 0.99) double t) {
    double h = 1e-6;
    assertThat(schedule.alphaSlope(t))
        .isCloseTo((schedule.alpha(t + h) - schedule.alpha(t - h)) / (2 * h), within(1e-5));
    assertThat(schedule.sigmaSlope(t))
        .isCloseTo((schedule.sigma(t + h) - schedule.sigma(t - h)) / (2 * h), within(1e-5));
    double slope = (schedule.logSnr(t + h) - schedule.logSnr(t - h)) / (2 * h);
    assertThat(schedule.logSnrSlope(t)).isCloseTo(slope, within(1e-6 * Math.abs(slope)));
    assertThat(schedule.timeAt(schedule.noiseToSignal(t))).isCloseTo(t, within(1e-10));
  }

  /** With the network output that stands for one and the same image, all forms give one map. */
  @Property
  void shouldBeOneMapOfTheSameImage(
      @ForAll @DoubleRange(min = 0.01, max = 0.99) double t,
      @ForAll @DoubleRange(max = 1) double u) {
    double s = u * t;
    double x = 0.7;
    double eps = -0.3;
    double state = (1 - t) * x + t * eps;
    double expected = (1 - s) * x + s * eps;
    for (Parameterisation form : Parameterisation.values()) {
      double output =
          (x - form.skip(Schedule.FLOW, 0, t) * state) / form.out(Schedule.FLOW, 0, t, 0.5);
      assertThat(
              form.skip(Schedule.FLOW, s, t) * state + form.out(Schedule.FLOW, s, t, 0.5) * output)
          .as(form.name())
          .isCloseTo(expected, within(1e-10));
    }
  }
}
