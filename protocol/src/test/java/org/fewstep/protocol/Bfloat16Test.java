package org.fewstep.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Bfloat16Test {
  @ParameterizedTest
  @CsvSource({
    "00000000, 0000", // zero
    "80000000, 8000", // its negative
    "3f800000, 3f80", // one
    "3f807fff, 3f80", // just below half
    "3f808000, 3f80", // a tie, down to the even one
    "3f808001, 3f81", // just above half
    "3f818000, 3f82", // a tie, up to the even one
    "bf818000, bf82", // the same with a sign
    "3fffffff, 4000", // into the next power of two
    "7f7f7fff, 7f7f", // the largest that stays finite
    "7f7f8000, 7f80", // a tie, up to infinity
    "7f7fffff, 7f80", // the largest float
    "ff7fffff, ff80",
    "7f800000, 7f80", // infinity
    "ff800000, ff80",
    "00000001, 0000", // below normal numbers
    "00008000, 0000",
    "00008001, 0001",
    "00018000, 0002",
    "007fffff, 0080",
    "7fc00000, 7fc0", // NaN
    "7f800001, 7fc0", // a NaN whose upper half alone is infinity
    "7fffffff, 7fff", // a NaN that must not overflow into zero
    "ffffffff, ffff",
    "ff80ffff, ffc0"
  })
  void shouldRoundToTheNearestEvenWhenBitsAreLost(String binary32, String bfloat16) {
    float value = Float.intBitsToFloat(Integer.parseUnsignedInt(binary32, 16));

    assertThat(String.format("%04x", Bfloat16.fromFloat(value))).isEqualTo(bfloat16);
  }

  @Test
  void shouldKeepEveryBitWhenTheValueIsABfloat16Already() {
    int[] expected = new int[0x1_0000];
    int[] actual = new int[expected.length];
    for (int bits = 0; bits < expected.length; bits++) {
      float value = Bfloat16.toFloat((short) bits);
      expected[bits] = Float.isNaN(value) ? bits | 0x40 : bits;
      actual[bits] = Bfloat16.fromFloat(value) & 0xffff;
    }

    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void shouldFindNoCloserValueWhenANumberWasRounded() {
    int largestFinite = 0x7f7f;
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      float value = Math.abs(Float.intBitsToFloat(random.nextInt()));
      int rounded = Bfloat16.fromFloat(value);
      if (Float.isNaN(value) || rounded == 0 || rounded >= largestFinite) {
        continue;
      }
      double error = distance(value, rounded);
      if (error > distance(value, rounded + 1) || error > distance(value, rounded - 1)) {
        fail("%s became %s", value, Bfloat16.toFloat((short) rounded));
      }
    }
  }

  private static double distance(float value, int bits) {
    return Math.abs((double) value - Bfloat16.toFloat((short) bits));
  }
}
