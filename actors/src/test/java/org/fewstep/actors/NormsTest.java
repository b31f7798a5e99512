package org.fewstep.actors;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NormsTest {
  @Test
  void shouldCountEveryElementOfAnyLength() {
    for (int length = 0; length < 10; length++) {
      float[] vector = new float[length];
      double squares = 0;
      for (int i = 0; i < length; i++) {
        vector[i] = 1 << i;
        squares += (double) vector[i] * vector[i];
      }
      assertThat(Norms.euclidean(vector)).isEqualTo(Math.sqrt(squares));
    }
    assertThat(Norms.euclidean(new float[] {1, Float.NaN, 1, 1, 1})).isNaN();
    assertThat(Norms.euclidean(new float[] {3e38f, 3e38f})).isFinite();
  }
}
