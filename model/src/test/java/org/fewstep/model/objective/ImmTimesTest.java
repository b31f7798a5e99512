package org.fewstep.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ImmTimesTest {
  private static ImmTimes flow(double tMin, int k, double a, double b, double minGap) {
    return new ImmTimes(
        Schedule.FLOW, Parameterisation.SIMPLE_EDM, 0.5, tMin, 0.994, Mapping.ETA, k, a, b, minGap);
  }

  @ParameterizedTest
  @CsvSource({
    "0.05, 0.0120389138",
    "0.1, 0.0660011655",
    "0.5, 0.4896798040",
    "0.9, 0.8995938978",
    "0.99, 0.9899959538",
    "0.994, 0.9939985436"
  })
  void shouldStepAConstantDecrementOfNoiseToSignal(double t, double r) {
    assertThat(flow(0, 12, 1, 4, 0).intermediate(0, t)).isCloseTo(r, within(1e-10));
  }

  @Test
  void shouldKeepTheSmallestGap() {
    assertThat(flow(0, 12, 1, 4, 1e-4).intermediate(0, 0.99)).isCloseTo(0.9899, within(1e-12));
  }

  @Test
  void shouldGiveEachPairOfPartsOnceWhereGroupsShareTheRangeOfTimes() {
    ImmTimes times = flow(0, 12, 1, 4, 0);
    int groups = 4;
    Set<Integer> pairs = new HashSet<>();
    for (int unit = 0; unit < groups; unit++) {
      CounterRandom random = CounterRandom.of(1, Purpose.TIME, unit);
      Set<Integer> shares = new HashSet<>();
      for (int group = 0; group < groups; group++) {
        ImmTimes.Triple drawn = times.drawStratified(random, group, groups, unit);
        int ofTime = (int) (groups * drawn.t() / 0.994);
        int ofShare = (int) (groups * drawn.s() / drawn.t());
        assertThat(ofTime).isEqualTo(group);
        shares.add(ofShare);
        pairs.add(groups * ofTime + ofShare);
      }
      assertThat(shares).hasSize(groups);
    }
    assertThat(pairs).hasSize(groups * groups);
  }

  /** Appendix C.6: r one decrement of the range of t, log eta or 1/eta below t. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ETA")
  void shouldStepAConstantDecrementOfEachMeasure(Mapping mapping) {
    double t = 0.5;
    // eta(0.5) = 1; eta runs from 0.0101 to 99, and two bits make four decrements.
    ImmTimes times =
        new ImmTimes(
            Schedule.FLOW, Parameterisation.SIMPLE_EDM, 0.5, 0.01, 0.99, mapping, 2, 1, 4, 0);
    double expected =
        switch (mapping) {
          case TIME -> t - 0.98 / 4;
          case LOG_SNR -> time(Math.exp(-(Math.log(99) - Math.log(1 / 99.0)) / 4));
          case INVERSE_ETA -> time(1 / (1 + (99 - 1 / 99.0) / 4));
          case ETA -> throw new IllegalStateException();
        };
    assertThat(times.intermediate(0.01, t)).isCloseTo(expected, within(1e-12));
    assertThat(times.intermediate(0.01, 0.0101)).isEqualTo(0.01);
  }

  private static double time(double eta) {
    return eta / (1 + eta);
  }

  @ParameterizedTest
  @CsvSource({
    "0.1, 1, 4, 4.910325825",
    "0.1, 1, 5, 7.889331987",
    "0.1, 2, 4, 4.419293243",
    "0.5, 1, 4, 3.92805516",
    "0.5, 2, 4, 1.96402758",
    "0.9, 1, 5, 1.354900843",
    "0.994, 1, 4, 1.018180402",
    "0.994, 2, 4, 0.006109082411"
  })
  void shouldWeighByTheEvidenceBound(double t, double a, double b, double weight) {
    assertThat(flow(0, 12, a, b, 0).weight(t)).isCloseTo(weight, within(1e-8));
  }

  @Test
  void shouldGiveNoWeightToTimeZero() {
    assertThat(flow(0, 12, 1, 4, 0).weight(0)).isZero();
  }

  @Property
  void shouldOrderTheTimes(
      @ForAll @DoubleRange(max = 0.01) double tMin,
      @ForAll @IntRange(min = 1, max = 15) int k,
      @ForAll @IntRange(max = 1000) int index) {
    ImmTimes.Triple times = flow(tMin, k, 1, 4, 0).draw(CounterRandom.of(0, Purpose.TIME, index));
    assertThat(times.s()).isBetween(tMin, times.r());
    assertThat(times.r()).isLessThanOrEqualTo(times.t());
    assertThat(times.t()).isLessThanOrEqualTo(0.994);
  }
}
