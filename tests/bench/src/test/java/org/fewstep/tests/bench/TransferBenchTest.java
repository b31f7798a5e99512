package org.fewstep.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferBenchTest {
  @Test
  void shouldMeasureBothCodecsBetweenTwoProcesses() {
    List<String> notes = new ArrayList<>();

    List<TransferResult> results = new TransferBench(3, 1, 0, notes::add).run();

    assertThat(results)
        .extracting(TransferResult::codec, TransferResult::mib)
        .containsExactly(tuple("float32", 3.0), tuple("bfloat16", 1.5));
    assertThat(results)
        .allSatisfy(
            result -> {
              assertThat(result.mibPerSecond()).isPositive();
              assertThat(result.rawSocketMibPerSecond()).isPositive();
              assertThat(result.smallMessageP99Millis()).isPositive();
            });
    assertThat(notes).hasSize(1);
  }

  @Test
  void shouldTellSpeedsAndShareWhenDurationsAreKnown() {
    Rounds rounds = new Rounds(new double[] {100, 80, 90}, new double[] {30, 20, 25});
    TransferResult result = new TransferResult("float32", 64, rounds, 2);

    assertThat(result.mibPerSecond()).isCloseTo(64 / 0.09, within(1e-9));
    assertThat(result.rawSocketMibPerSecond()).isCloseTo(64 / 0.025, within(1e-9));
    assertThat(result.shareOfRawSocket()).isCloseTo(25.0 / 90, within(1e-12));
  }
}
