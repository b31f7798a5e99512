package org.fewstep.model.network.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.op.GroupNormSilu.Conditioning;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Holds every operation that knows blocks of channels to what ND4J's operations make of images. */
class ChannelBlocksTest {
  private static final int IMAGES = 3;

  @BeforeEach
  void sameNumbersInEveryOrder() {
    Nd4j.getRandom().setSeed(5);
  }

  @Test
  void shouldLeaveImagesAsTheyAreOnTheWayThereAndBack() {
    INDArray x = images(48, 5, 3);
    INDArray y = blocked(x);

    assertThat(y.shape()).containsExactly(IMAGES, 3, 5, 3, 16);
    assertThat(y.getFloat(1, 2, 4, 0, 7)).isEqualTo(x.getFloat(1, 2 * 16 + 7, 4, 0));
    assertThat(plain(y)).isEqualTo(x);
  }

  @ParameterizedTest(name = "{0} to {1} channels, kernel {2}, {3}x{4}")
  @CsvSource({
    "16, 16, 3, 1, 1",
    "32, 64, 3, 7, 7",
    "48, 16, 3, 9, 14",
    "64, 32, 1, 5, 6",
    "16, 48, 1, 7, 7"
  })
  void shouldConvolveAsWithoutBlocks(int in, int out, int kernel, int height, int width) {
    Conv2d fused = new Conv2d("conv", in, out, kernel, Initialiser.ZERO, Kernels.FUSED);
    Conv2d operations = new Conv2d("conv", in, out, kernel, Initialiser.ZERO, Kernels.ND4J);
    Bound own = new Bound(fused.parameters());
    Bound expected = new Bound(operations.parameters());
    INDArray x = images(in, height, width);
    INDArray dy = images(out, height, width);

    assertClose(plain(fused.forward(blocked(x))), operations.forward(x));
    assertClose(plain(fused.backward(blocked(dy))), operations.backward(dy));
    assertClose(own.gradients, expected.gradients);
  }

  /** 96 and 192 channels come in groups of 4 and of 6, which no block of 16 holds. */
  @ParameterizedTest(name = "{0} channels, {1}, SiLU {2}")
  @CsvSource({
    "16, NONE, true",
    "96, SHIFT, true",
    "192, SHIFT, true",
    "192, SCALE_AND_SHIFT, true",
    "256, SCALE_AND_SHIFT, true",
    "64, NONE, false"
  })
  void shouldNormaliseAsWithoutBlocks(int channels, Conditioning conditioning, boolean silu) {
    GroupNormSilu.Form form = new GroupNormSilu.Form(channels, 1e-5, silu, conditioning);
    GroupNormSilu fused = new GroupNormSilu("norm", form, Kernels.FUSED);
    GroupNormSilu operations = new GroupNormSilu("norm", form, Kernels.ND4J);
    Bound own = new Bound(fused.parameters());
    Bound expected = new Bound(operations.parameters());
    INDArray x = images(channels, 5, 7);
    INDArray dy = images(channels, 5, 7);
    INDArray condition =
        switch (conditioning) {
          case NONE -> null;
          case SHIFT -> Nd4j.randn(DataType.FLOAT, IMAGES, channels);
          case SCALE_AND_SHIFT -> Nd4j.randn(DataType.FLOAT, IMAGES, 2L * channels);
        };

    assertClose(plain(fused.forward(blocked(x), condition)), operations.forward(x, condition));
    assertClose(plain(fused.backward(blocked(dy))), operations.backward(dy));
    assertClose(own.gradients, expected.gradients);
    if (condition != null) {
      assertClose(fused.conditionGradient(), operations.conditionGradient());
    }
  }

  @ParameterizedTest
  @CsvSource({"UP", "DOWN"})
  void shouldResampleAsWithoutBlocks(Resample.Direction direction) {
    Resample fused = new Resample(direction, List.of(1, 1), Kernels.FUSED);
    Resample operations = new Resample(direction, List.of(1, 1), Kernels.ND4J);
    INDArray x = images(32, 6, 10);

    INDArray y = operations.forward(x);
    assertClose(plain(fused.forward(blocked(x))), y);
    INDArray dy = Nd4j.randn(DataType.FLOAT, y.shape());
    assertClose(plain(fused.backward(blocked(dy))), operations.backward(dy));
  }

  @Test
  void shouldDropTheSameElementsAsWithoutBlocks() {
    DropoutKey key = new DropoutKey(3, 4);
    INDArray x = images(32, 3, 5);
    INDArray expected = new Dropout(0.4, 1).forward(x, key);

    assertThat(plain(new Dropout(0.4, 1).forward(blocked(x), key))).isEqualTo(expected);
    assertThat(expected.eq(0).castTo(DataType.FLOAT).meanNumber().doubleValue())
        .isBetween(0.3, 0.5);
  }

  @Test
  void shouldAttendAsWithoutBlocks() {
    Attention.Form form = new Attention.Form(32, 2, 1e-6, Math.sqrt(0.5));
    LayerInitialiser zero = LayerInitialiser.ZERO;
    Attention fused = new Attention("", form, zero, zero, Kernels.FUSED);
    Attention operations = new Attention("", form, zero, zero, Kernels.ND4J);
    Bound own = new Bound(fused.parameters());
    Bound expected = new Bound(operations.parameters());
    INDArray x = images(32, 3, 4);
    INDArray dy = images(32, 3, 4);

    assertClose(plain(fused.forward(blocked(x))), operations.forward(x));
    assertClose(plain(fused.backward(blocked(dy.dup()))), operations.backward(dy));
    assertClose(own.gradients, expected.gradients);
  }

  private static INDArray images(int channels, int height, int width) {
    return Nd4j.randn(DataType.FLOAT, IMAGES, channels, height, width);
  }

  private static INDArray blocked(INDArray x) {
    return new ChannelBlocks().of(x);
  }

  private static INDArray plain(INDArray x) {
    return new ChannelBlocks().plain(x);
  }

  /** Winograd's method rounds more coarsely than the direct one. */
  private static void assertClose(INDArray actual, INDArray expected) {
    double scale = Math.max(1e-3, expected.amaxNumber().doubleValue());
    assertThat(actual.sub(expected).amaxNumber().doubleValue() / scale).isLessThan(2e-5);
  }

  /** Random parameters, the same for the same shapes, and room for their gradients. */
  private static final class Bound {
    final INDArray gradients;

    Bound(List<Parameter> parameters) {
      long length = parameters.stream().mapToLong(Parameter::length).sum();
      Nd4j.getRandom().setSeed(7);
      INDArray values = Nd4j.randn(DataType.FLOAT, length).muli(0.3);
      gradients = Nd4j.valueArrayOf(new long[] {length}, 7f, DataType.FLOAT);
      long offset = 0;
      for (Parameter parameter : parameters) {
        parameter.bindValue(values, offset);
        parameter.bindGradient(gradients, offset);
        offset += parameter.length();
      }
    }
  }
}
