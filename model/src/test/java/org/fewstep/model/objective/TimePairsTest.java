package org.fewstep.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.TreeSet;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.objective.TimePairs.Pair;
import org.fewstep.model.objective.TimePairs.Range;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;

class TimePairsTest {
  private static final Range RANGE = new Range(Schedule.FLOW, 0.5, 0.006, 0.994);

  @Test
  void shouldRefineTheGridOfCtFromOneIntervalToTheLastNumber() {
    TimePairs ct = TimePairs.ct(RANGE, 2, 12);

    assertThat(distinct(ct, 0)).isEqualTo(1);
    assertThat(distinct(ct, 0.5)).isEqualTo(9);
    assertThat(distinct(ct, 1)).isEqualTo(12);
  }

  @Test
  void shouldDoubleTheIntervalsOfIct() {
    TimePairs ict = TimePairs.ict(RANGE, 3, 12, 0, 3);

    assertThat(distinct(ict, 0)).isEqualTo(3);
    assertThat(distinct(ict, 0.34)).isEqualTo(6);
    assertThat(distinct(ict, 1)).isEqualTo(12);
  }

  /** Ten times as many are no power of two: the last doubling is cut off. */
  @Test
  void shouldEndAtTheLargestNumberOfIntervalsWhateverItIs() {
    TimePairs ict = TimePairs.ict(RANGE, 10, 100, 0, 3);

    assertThat(distinct(ict, 0.9)).isEqualTo(80);
    assertThat(distinct(ict, 0.95)).isEqualTo(100);
    assertThat(distinct(ict, 1)).isEqualTo(100);
  }

  /** Half of a log-normal's noises lie below e^mean. */
  @Test
  void shouldDrawTheNoiseOfIctLogNormally() {
    TimePairs ict = TimePairs.ict(RANGE, 1000, 1000, -1.1, 1);
    CounterRandom random = CounterRandom.of(1, Purpose.TIME, 0);
    int below = 0;
    for (int i = 0; i < 4000; i++) {
      below += RANGE.noise(ict.draw(random, 0).t()) < Math.exp(-1.1) ? 1 : 0;
    }
    assertThat(below / 4000.0).isCloseTo(0.5, within(0.03));
  }

  @Test
  void shouldBringThePairsOfEctTogetherStageByStage() {
    TimePairs ect = TimePairs.ect(RANGE, 0, 1e-9, 8, 2, 8, 1);
    CounterRandom random = CounterRandom.of(1, Purpose.TIME, 0);
    double gap = 1 + 8 / (1 + Math.E);

    Pair first = ect.draw(random, 0);
    Pair last = ect.draw(random, 1);

    assertThat(RANGE.noise(first.t())).isCloseTo(1, within(1e-6));
    assertThat(first.r()).isEqualTo(RANGE.tMin());
    assertThat(RANGE.noise(last.r())).isCloseTo(1 - gap / 256, within(1e-6));
    assertThat(RANGE.inverseGap(last)).isCloseTo(256 / gap, within(1e-3));
  }

  private static long distinct(TimePairs pairs, double progress) {
    CounterRandom random = CounterRandom.of(1, Purpose.TIME, 0);
    TreeSet<Double> times = new TreeSet<>();
    for (int i = 0; i < 3000; i++) {
      Pair pair = pairs.draw(random, progress);
      assertThat(pair.r()).isLessThan(pair.t());
      times.add(pair.t());
    }
    assertThat(times.last()).isEqualTo(RANGE.tMax());
    return times.size();
  }
}
