package org.fewstep.actors.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NotFiniteTest {
  /** Tensors of ten elements: t0, t1, ... */
  private static String tensors(float[] values) {
    return NotFinite.tensors(values, element -> "t" + element / 10);
  }

  @Test
  void shouldNameNothingWhenAllIsFinite() {
    assertThat(tensors(new float[57])).isEmpty();
  }

  @Test
  void shouldNameEachTensorOnce() {
    float[] values = new float[57];
    values[9] = Float.NaN;
    values[40] = Float.POSITIVE_INFINITY;
    values[49] = Float.NaN;
    values[56] = Float.NEGATIVE_INFINITY;

    assertThat(tensors(values)).isEqualTo("t0, t4, t5");
  }

  @Test
  void shouldNameAFewAndCountTheRestWhenThereAreMany() {
    float[] values = new float[57];
    Arrays.fill(values, Float.NaN);

    assertThat(tensors(values)).isEqualTo("t0, t1, t2 and 3 more tensors");
  }
}
