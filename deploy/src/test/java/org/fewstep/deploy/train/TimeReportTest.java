package org.fewstep.deploy.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.fewstep.actors.coordinator.TimeSplit;
import org.junit.jupiter.api.Test;

class TimeReportTest {
  private static final double EXACT = 1e-12;

  @Test
  void shouldSplitAllOfTheWallTime() {
    // Two trainers of 8 s each in a run of 10 s, whose last evaluation took 1.5 s.
    TimeSplit time = new TimeSplit(6, 5, 1, 1, 0.8, 0.2, 2);

    TimeReport report = new TimeReport(time, 2, 10, 1.5);

    assertThat(report.shares().forward()).isCloseTo(0.3, within(EXACT));
    assertThat(report.evaluationShare()).isCloseTo(0.15, within(EXACT));
    assertThat(report.startShare()).isCloseTo(0.05, within(EXACT));
    assertThat(report.overheadShare()).isCloseTo(0.15, within(EXACT));
    assertThat(sum(report)).isCloseTo(1, within(EXACT));
  }

  @Test
  void shouldStayWithinTheWallTimeWhenTheTrainersTellMore() {
    TimeReport report = new TimeReport(new TimeSplit(9, 9, 1, 1, 1, 1, 1), 2, 10, 1);

    assertThat(sum(report)).isCloseTo(1, within(EXACT));
    assertThat(report.startShare()).isZero();
  }

  @Test
  void shouldReportNoTrainingWhenThereWasNone() {
    TimeReport report = new TimeReport(TimeSplit.NONE, 2, 10, 10);

    assertThat(report.evaluationShare()).isEqualTo(1);
    assertThat(sum(report)).isEqualTo(1);
  }

  private static double sum(TimeReport report) {
    return report.shares().total() + report.evaluationShare() + report.startShare();
  }
}
