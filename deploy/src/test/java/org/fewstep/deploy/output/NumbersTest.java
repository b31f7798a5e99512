package org.fewstep.deploy.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
  @ParameterizedTest
  @CsvSource({
    "0.4, 0s",
    "59.4, 59s",
    "59.6, 1m00s",
    "185, 3m05s",
    "3599.7, 1h00m",
    "7325, 2h02m",
    "NaN, unknown",
    "Infinity, unknown"
  })
  void shouldNameDurationsWhenTheyGrow(double seconds, String text) {
    assertThat(Numbers.duration(seconds)).isEqualTo(text);
  }

  @Test
  void shouldNameBytesWhenTheyGrow() {
    assertThat(Numbers.bytes(563L << 20)).isEqualTo("563 MiB");
    assertThat(Numbers.bytes((1L << 30) - 1)).isEqualTo("1.0 GiB");
    assertThat(Numbers.bytes(13_529_146_982L)).isEqualTo("12.6 GiB");
  }

  @Test
  void shouldCountOneThingInTheSingular() {
    assertThat(Numbers.counted(1, "image")).isEqualTo("1 image");
    assertThat(Numbers.counted(0, "image")).isEqualTo("0 images");
    assertThat(Numbers.counted(12_345, "image")).isEqualTo("12,345 images");
  }

  @Test
  void shouldJoinListsWhenTheyGrow() {
    assertThat(Numbers.list(List.of())).isEmpty();
    assertThat(Numbers.list(List.of(1))).isEqualTo("1");
    assertThat(Numbers.list(List.of(1, 2))).isEqualTo("1 and 2");
    assertThat(Numbers.list(List.of(1, 2, 12_345L))).isEqualTo("1, 2 and 12,345");
  }
}
