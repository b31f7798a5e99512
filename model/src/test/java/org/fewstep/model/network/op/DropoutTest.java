package org.fewstep.model.network.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.fewstep.model.network.DropoutKey;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
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

  private static float[] dropped(DropoutKey key, int images) {
    return new Dropout(0.5, 0)
        .forward(Nd4j.ones(DataType.FLOAT, images, 1, 3, 3), key)
        .reshape(9L * images)
        .toFloatVector();
  }
}
