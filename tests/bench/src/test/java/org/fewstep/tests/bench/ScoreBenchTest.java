package org.fewstep.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreBenchTest {
  @Test
  void shouldComputeTheSameInceptionOnBothSides() {
    List<String> notes = new ArrayList<>();
    ScoreResult result = new ScoreBench(1, 1, notes::add).inception(1);

    assertThat(result.error()).isPositive();
    assertThat(result.agrees()).isTrue();
    assertThat(result.rounds().oursMillis()).isPositive();
    assertThat(result.rounds().theirMillis()).isPositive();
    assertThat(notes).hasSize(2);
  }
}
