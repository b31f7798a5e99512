package org.fewstep.model.metrics.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import org.fewstep.model.data.ImageShape;
import org.junit.jupiter.api.Test;

class ImageShiftTest {
  private static final ImageShape SHAPE = new ImageShape(2, 2, 3);
  private static final double[] IMAGE = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

  @Test
  void shouldMoveEachChannelAndFillWithBlack() {
    assertThat(shifted(1, 1)).containsExactly(-1, -1, -1, -1, 1, 2, -1, -1, -1, -1, 7, 8);
    assertThat(shifted(-1, -2)).containsExactly(6, -1, -1, -1, -1, -1, 12, -1, -1, -1, -1, -1);
  }

  @Test
  void shouldChangeNothingWhenItMovesByNothing() {
    assertThat(shifted(0, 0)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  }

  private static float[] shifted(int down, int right) {
    float[] target = new float[IMAGE.length];
    ImageShift.apply(IMAGE, target, 0, SHAPE, down, right);
    return target;
  }
}
