package org.fewstep.model.network.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.fewstep.model.network.DropoutKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DropoutTest {
  /** Nine numbers to an image, so that an image may begin in the middle of a draw. */
  @Test
  void shouldDropInPartOfAUnitWhatItDropsInTheWhole() {
    float[] whole = dropped(new DropoutKey(1, 2), 5);

    assertThat(whole).contains(0f, 2f);
    for (int first = 0; first < 5; first++) {
      assertThat(dropped(new DropoutKey(1, 2, first), 5 - first))
          .as("from image %d on", first)
          .isEqualTo(Arrays.copyOfRange(whole, 9 * first, 45));
    }
  }

  /** More than a piece of an image's elements, and as many images as were not there before. */
  @ParameterizedTest
  @EnumSource
  void shouldDropOfTheGradientWhatItDroppedOfTheValues(Kernels kernels) {
    Dropout dropout = new Dropout(0.25, 3, kernels);
    for (int images = 2; images <= 3; images++) {
      for (int unit = 0; unit < 2; unit++) {
        INDArray x = Nd4j.ones(DataType.FLOAT, images, 5000);
        INDArray y = dropout.forward(x, new DropoutKey(1, unit));
        INDArray dy = Nd4j.ones(DataType.FLOAT, images, 5000);

        assertThat(y).isSameAs(x);
        assertThat(y.meanNumber().doubleValue()).isBetween(0.97, 1.03);
        assertThat(dropout.backward(dy)).isSameAs(dy).isEqualTo(y);
        assertThat(new Dropout(0.25, 3, kernels).forward(dy.assign(1), new DropoutKey(1, unit)))
            .isEqualTo(y);
      }
    }
    INDArray x = Nd4j.ones(DataType.FLOAT, 2, 5);
    assertThat(dropout.backward(dropout.forward(x, null))).isEqualTo(Nd4j.onesLike(x));
  }

  private static float[] dropped(DropoutKey key, int images) {
    return new Dropout(0.5, 0, Kernels.FUSED)
        .forward(Nd4j.ones(DataType.FLOAT, images, 1, 3, 3), key)
        .reshape(9L * images)
        .toFloatVector();
  }
}
