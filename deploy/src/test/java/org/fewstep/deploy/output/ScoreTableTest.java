package org.fewstep.deploy.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.fewstep.model.metrics.Score;
import org.junit.jupiter.api.Test;

class ScoreTableTest {
  @Test
  void shouldAlignValuesUnderTheirNames() {
    String header = ScoreTable.header("FD[fashion-cnn]");

    assertThat(header)
        .isEqualTo("    images  steps  FD[fashion-cnn]     floor   blurred   samples");
    assertThat(ScoreTable.row(score(1.25, 20.5)))
        .isEqualTo("    51,200      4           12.346     1.250    20.500     2,000")
        .hasSameSizeAs(header);
    assertThat(ScoreTable.row(score(null, null)))
        .isEqualTo("    51,200      4           12.346         -         -     2,000");
  }

  private static Score score(Double floor, Double blurred) {
    return new Score(
        "FD[fashion-cnn]",
        12.3456,
        4,
        4,
        2000,
        "fashion-cnn",
        "reference",
        "ema",
        51_200,
        800,
        "pushforward",
        "uniform",
        1,
        0,
        floor,
        2000,
        blurred,
        3);
  }
}
