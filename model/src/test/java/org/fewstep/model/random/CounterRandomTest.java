package org.fewstep.model.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CounterRandomTest {

  /** Known answers published with the Random123 library (kat_vectors, philox4x32 10). */
  @Test
  void shouldGiveThePublishedKnownAnswers() {
    int[] out = new int[4];
    CounterRandom.philox(0, 0, 0, 0, 0, 0, out);
    assertThat(out).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    CounterRandom.philox(-1, -1, -1, -1, -1, -1, out);
    assertThat(out).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    CounterRandom.philox(
        0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, out);
    assertThat(out).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  @Test
  void shouldDependOnSeedPurposeAndIndexOnly() {
    long reference = CounterRandom.of(1, Purpose.NOISE, 2).nextLong();
    assertThat(CounterRandom.of(1, Purpose.NOISE, 2).nextLong()).isEqualTo(reference);
    assertThat(CounterRandom.of(2, Purpose.NOISE, 2).nextLong()).isNotEqualTo(reference);
    assertThat(CounterRandom.of(1, Purpose.TIME, 2).nextLong()).isNotEqualTo(reference);
    assertThat(CounterRandom.of(1, Purpose.NOISE, 3).nextLong()).isNotEqualTo(reference);
  }

  @Test
  void shouldHaveTheMomentsOfANormal() {
    int n = 200_000;
    double[] values = new double[n];
    CounterRandom.of(7, Purpose.NOISE, 0).fillGaussian(values, 0, n, 1.0);
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
    double fourth = Arrays.stream(values).map(v -> v * v * v * v).average().orElseThrow();
    assertThat(mean).isCloseTo(0, within(0.01));
    assertThat(variance).isCloseTo(1, within(0.02));
    assertThat(fourth).isCloseTo(3, within(0.1));
  }

  @Test
  void shouldGoOnBehindWhatWasSkipped() {
    for (int taken = 0; taken < 6; taken++) {
      for (int skipped = 0; skipped < 11; skipped++) {
        CounterRandom all = CounterRandom.of(7, Purpose.NOISE, 4);
        CounterRandom some = CounterRandom.of(7, Purpose.NOISE, 4);
        CounterRandom allGaussians = CounterRandom.of(7, Purpose.NOISE, 5);
        CounterRandom someGaussians = CounterRandom.of(7, Purpose.NOISE, 5);
        for (int i = 0; i < taken + skipped; i++) {
          all.nextInt();
          allGaussians.nextGaussian();
        }
        for (int i = 0; i < taken; i++) {
          some.nextInt();
          someGaussians.nextGaussian();
        }
        some.skip(skipped);
        someGaussians.skipGaussians(skipped);

        assertThat(some.nextInt()).isEqualTo(all.nextInt());
        assertThat(someGaussians.nextGaussian()).isEqualTo(allGaussians.nextGaussian());
        assertThat(someGaussians.nextGaussian()).isEqualTo(allGaussians.nextGaussian());
      }
    }
  }

  @Test
  void shouldPermuteAllIndices() {
    int[] order = CounterRandom.of(3, Purpose.IMAGE_ORDER, 5).permutation(1000);
    assertThat(Arrays.stream(order).sorted().toArray())
        .isEqualTo(java.util.stream.IntStream.range(0, 1000).toArray());
    assertThat(order[0] == 0 && order[1] == 1 && order[2] == 2).isFalse();
  }
}
