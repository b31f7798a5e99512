package org.fewstep.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GaussianBlurTest {

  @Test
  void shouldEqualTheSumOverAMirroredPlane() {
    ImageShape shape = new ImageShape(2, 4, 3);
    double[] images = new Random(1).doubles(2L * shape.size()).toArray();
    double sigma = 1.5;
    double[] blurred = new GaussianBlur(sigma).apply(images, shape);
    int radius = 6;
    double norm = 0;
    for (int i = -radius; i <= radius; i++) {
      norm += Math.exp(-0.5 * Math.pow(i / sigma, 2));
    }
    for (int plane = 0; plane < 4; plane++) {
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 3; x++) {
          double sum = 0;
          for (int dy = -radius; dy <= radius; dy++) {
            for (int dx = -radius; dx <= radius; dx++) {
              double weight = Math.exp(-(dy * dy + dx * dx) / (2 * sigma * sigma));
              int row = mirrored(y + dy, 4);
              int column = mirrored(x + dx, 3);
              sum += weight * images[plane * 12 + row * 3 + column];
            }
          }
          assertThat(blurred[plane * 12 + y * 3 + x]).isCloseTo(sum / (norm * norm), within(1e-12));
        }
      }
    }
  }

  @Test
  void shouldKeepTheMeanAndAConstant() {
    ImageShape shape = new ImageShape(1, 28, 28);
    double[] image = new Random(2).doubles(shape.size()).toArray();
    double[] blurred = new GaussianBlur(1.5).apply(image, shape);
    assertThat(Arrays.stream(blurred).average().orElseThrow())
        .isCloseTo(Arrays.stream(image).average().orElseThrow(), within(1e-12));
    double[] constant = new double[shape.size()];
    Arrays.fill(constant, 0.25);
    for (double value : new GaussianBlur(3).apply(constant, shape)) {
      assertThat(value).isCloseTo(0.25, within(1e-12));
    }
  }

  @Test
  void shouldRefuseImpossibleArguments() {
    for (double sigma : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new GaussianBlur(sigma))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new GaussianBlur(1).apply(new double[5], new ImageShape(1, 2, 2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Walks to the border, stays for one step, and walks back. */
  private static int mirrored(int position, int length) {
    int at = position;
    while (at < 0 || at >= length) {
      at = at < 0 ? -1 - at : 2 * length - 1 - at;
    }
    return at;
  }
}
