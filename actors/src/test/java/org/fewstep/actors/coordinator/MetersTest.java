package org.fewstep.actors.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.fewstep.protocol.CoordinatorMessage.Published;
import org.fewstep.protocol.UnitReport;
import org.junit.jupiter.api.Test;

class MetersTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void shouldAverageOverUnitsAndUpdatesWhenATickCloses() {
    TickMeter meter = new TickMeter(100, 64, 0);
    meter.add(
        List.of(new UnitReport(1, 2, 3, 4, 5, 3, 1), new UnitReport(3, 4, 5, 6, 7, 2, 2)),
        new Published(1, 2, 96, 0.5, 1e-4),
        0);
    assertThat(meter.isDue()).isFalse();
    meter.add(
        List.of(new UnitReport(5, 6, 7, 8, 9, 1, 1), new UnitReport(7, 8, 9, 10, 11, 0, 0)),
        new Published(1, 3, 128, 1.5, 2e-4),
        0);
    assertThat(meter.isDue()).isTrue();

    TickStatistics tick = meter.tick(4 * SECOND, 2);

    assertThat(tick)
        .isEqualTo(
            new TickStatistics(
                128, 3, 4, 16, 4, 5, 6, 7, 1, 8, 2e-4, 2, new TimeSplit(0, 0, 6, 0, 4, 0, 0)));
    assertThat(meter.isEmpty()).isTrue();
    assertThat(meter.isDue()).isFalse();
  }

  @Test
  void shouldStartAfreshWhenATickHasClosed() {
    TickMeter meter = new TickMeter(100, 0, 0);
    meter.add(List.of(new UnitReport(9, 9, 9, 9, 9, 9, 9)), new Published(1, 1, 100, 9, 9), 9);
    meter.tick(SECOND, 1);
    meter.add(List.of(new UnitReport(1, 1, 1, 1, 1, 1, 0)), new Published(1, 2, 200, 2, 3), 0);

    assertThat(meter.tick(3 * SECOND, 1))
        .isEqualTo(
            new TickStatistics(
                200, 2, 3, 50, 1, 1, 1, 1, 2, 1, 3, 1, new TimeSplit(0, 0, 1, 0, 0, 0, 0)));
  }

  @Test
  void shouldSplitAllOfTheTrainersTimeWhenATickCloses() {
    TickMeter meter = new TickMeter(100, 0, 0);
    // Compute 10 (forward 4, backward 5), waiting 6 (idle 5, of which 2 for data).
    UnitReport report = new UnitReport(1, 1, 1, 1, 1, 10, 6, 4, 5, 5, 2);
    meter.add(List.of(report), new Published(1, 1, 50, 1, 1), 1);
    meter.add(List.of(report), new Published(1, 2, 100, 1, 1), 1.5);

    TimeSplit time = meter.tick(SECOND, 1).time();

    assertThat(time).isEqualTo(new TimeSplit(8, 10, 2, 2.5, 2, 4, 3.5));
    assertThat(time.total()).isEqualTo(32);
    assertThat(time.shares().total()).isCloseTo(1, within(1e-12));
    assertThat(time.plus(time).shares()).isEqualTo(time.shares());
    assertThat(TimeSplit.NONE.shares()).isEqualTo(TimeSplit.NONE);
  }

  @Test
  void shouldCountNoMoreOfAnUpdateThanTheTrainersWaitedForIt() {
    TickMeter meter = new TickMeter(100, 0, 0);
    meter.add(
        List.of(new UnitReport(1, 1, 1, 1, 1, 10, 2, 4, 5, 1, 0)),
        new Published(1, 1, 100, 1, 1),
        7);

    assertThat(meter.tick(SECOND, 1).time()).isEqualTo(new TimeSplit(4, 5, 1, 1, 1, 0, 0));
  }

  @Test
  void shouldTellTheRateOfTheLastHalfMinuteWhenItChanges() {
    RateMeter meter = new RateMeter(0, 0);
    assertThat(meter.imagesPerSecond(0, 0)).isZero();
    assertThat(meter.imagesPerSecond(100, 10 * SECOND)).isEqualTo(10);

    double rate = 0;
    for (int i = 1; i <= 60; i++) {
      rate = meter.imagesPerSecond(100 + 50L * i, (10 + i) * SECOND);
    }

    assertThat(rate).isCloseTo(50, within(1e-9));
  }
}
