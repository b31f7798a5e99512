package org.fewstep.actors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MeanGradientTest {

  @Test
  void shouldAverageElementByElementWhenItIsLongerThanABlock() {
    Random random = new Random(1);
    List<float[]> gradients = List.of(random(random), random(random), random(random));

    float[] mean = MeanGradient.of(gradients).values();

    for (int i = 0; i < mean.length; i++) {
      double sum = (double) gradients.get(0)[i] + gradients.get(1)[i] + gradients.get(2)[i];
      assertThat(mean[i]).isEqualTo((float) (sum / 3));
    }
  }

  @Test
  void shouldNotLoseSmallGradientsWhenALargeOneIsAmongThem() {
    float[] mean =
        MeanGradient.of(List.of(new float[] {1e8f}, new float[] {1}, new float[] {-1e8f})).values();

    assertThat(mean[0]).isEqualTo((float) (1.0 / 3));
  }

  @Test
  void shouldTellTheNormOfTheMeanWhenAsked() {
    MeanGradient mean = MeanGradient.of(List.of(new float[] {2, 0}, new float[] {4, 8}));

    assertThat(mean.norm()).isCloseTo(5, within(1e-12));
  }

  private static float[] random(Random random) {
    float[] gradient = new float[2500];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = random.nextFloat() - 0.5f;
    }
    return gradient;
  }
}
