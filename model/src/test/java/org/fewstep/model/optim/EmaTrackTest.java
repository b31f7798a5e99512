package org.fewstep.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EmaTrackTest {

  /** The weighted sum with every weight written out, in float64. */
  @Test
  void shouldEqualTheClosedForm() {
    Random random = new Random(1);
    double halfLife = 500;
    long delta = 64;
    int updates = 200;
    float[] initial = {3};
    EmaTrack track = new EmaTrack("slow", halfLife, 0, initial);
    float[] history = new float[updates];
    for (int k = 0; k < updates; k++) {
      history[k] = (float) random.nextGaussian();
      track.advance(new float[] {history[k]}, delta * (k + 1), delta);
    }
    double expected = initial[0] * Math.pow(0.5, delta * updates / halfLife);
    for (int k = 0; k < updates; k++) {
      double own = 1 - Math.pow(0.5, delta / halfLife);
      expected += own * history[k] * Math.pow(0.5, delta * (updates - 1 - k) / halfLife);
    }
    assertThat((double) track.values()[0]).isCloseTo(expected, within(1e-6));
  }

  @Test
  void shouldForgetHalfOfTheBeginningInOneHalfLife() {
    EmaTrack track = new EmaTrack("slow", 1000, 0, new float[] {1});
    for (int k = 1; k <= 10; k++) {
      track.advance(new float[] {0}, 100L * k, 100);
    }
    assertThat(track.values()[0]).isCloseTo(0.5f, within(1e-6f));
  }

  @Test
  void shouldNotDependOnTheSizeOfTheUpdates() {
    EmaTrack small = new EmaTrack("a", 1000, 0, new float[] {1});
    EmaTrack large = new EmaTrack("b", 1000, 0, new float[] {1});
    for (int k = 1; k <= 40; k++) {
      small.advance(new float[] {0.25f}, 50L * k, 50);
    }
    large.advance(new float[] {0.25f}, 2000, 2000);
    assertThat(small.values()[0]).isCloseTo(large.values()[0], within(1e-6f));
  }

  @Test
  void shouldLimitTheHalfLifeWhileItRampsUp() {
    EmaTrack track = new EmaTrack("ramp", 1000, 0.05, new float[] {1});
    track.advance(new float[] {0}, 100, 100);
    double expected = Math.pow(0.5, 100 / 5.0);
    assertThat((double) track.values()[0]).isCloseTo(expected, within(1e-12));
    track.restore(new float[] {1});
    track.advance(new float[] {0}, 10_000, 100);
    expected = Math.pow(0.5, 100 / 500.0);
    assertThat((double) track.values()[0]).isCloseTo(expected, within(1e-6));
    track.restore(new float[] {1});
    track.advance(new float[] {0}, 10_000_000, 100);
    assertThat((double) track.values()[0]).isCloseTo(Math.pow(0.5, 0.1), within(1e-6));
  }

  @Test
  void shouldFollowTheParametersWithoutHalfLife() {
    EmaTrack track = new EmaTrack("none", 0, 0, new float[] {1, 2});
    track.advance(new float[] {5, 7}, 1, 1);
    assertThat(track.values()).containsExactly(5, 7);
  }

  @Test
  void shouldShareNoArrays() {
    float[] initial = {1};
    EmaTrack track = new EmaTrack("t", 10, 0, initial);
    initial[0] = 9;
    track.values()[0] = 9;
    assertThat(track.values()).containsExactly(1);
  }

  @Test
  void shouldRefuseImpossibleArguments() {
    assertThatThrownBy(() -> new EmaTrack("t", -1, 0, new float[1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new EmaTrack("t", 1, Double.NaN, new float[1]))
        .isInstanceOf(IllegalArgumentException.class);
    EmaTrack track = new EmaTrack("t", 1, 0, new float[1]);
    assertThatThrownBy(() -> track.advance(new float[2], 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> track.advance(new float[1], 1, 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> track.restore(new float[2]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
