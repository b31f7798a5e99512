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
    INDArray expected = new Dropout(0.4, 1, Kernels.FUSED).forward(x.dup(), key);

    assertThat(plain(new Dropout(0.4, 1, Kernels.FUSED).forward(blocked(x), key)))
        .isEqualTo(expected);
    assertThat(new Dropout(0.4, 1, Kernels.ND4J).forward(x.dup(), key)).isEqualTo(expected);
    assertThat(expected.eq(0).castTo(DataType.FLOAT).meanNumber().doubleValue())
        .isBetween(0.3, 0.5);
  }

  /** The kinds of Inception: with stride, wide or high kernels, and from three channels. */
  @ParameterizedTest(name = "{0} to {1} channels, {2}x{3}, stride {4}, padding {5},{6}")
  @CsvSource({
    "3, 32, 3, 3, 2, 0, 0",
    "32, 48, 3, 3, 1, 1, 1",
    "32, 16, 3, 3, 1, 0, 0",
    "48, 32, 5, 5, 1, 2, 2",
    "32, 32, 1, 7, 1, 0, 3",
    "32, 32, 7, 1, 1, 3, 0",
    "64, 80, 1, 1, 1, 0, 0",
    "32, 64, 3, 3, 2, 0, 0"
  })
  void shouldConvolveWithFixedWeightsAsWithoutBlocks(
      int in, int out, int high, int wide, int stride, int paddingHigh, int paddingWide) {
    FixedConv2d.Geometry geometry =
        new FixedConv2d.Geometry(in, out, high, wide, stride, paddingHigh, paddingWide);
    float[] weight =
        Nd4j.randn(DataType.FLOAT, (long) out * in * high * wide).muli(0.1).toFloatVector();
    float[] bias = Nd4j.randn(DataType.FLOAT, out).toFloatVector();
    FixedConv2d fused = new FixedConv2d(geometry, weight, bias, Kernels.FUSED);
    FixedConv2d operations = new FixedConv2d(geometry, weight, bias, Kernels.ND4J);

    for (int size = 9; size <= 12; size += 3) {
      INDArray x = images(in, size, size + 1);
      INDArray expected = operations.forward(x);
      boolean inBlocks = ChannelBlocks.pay(Kernels.FUSED);
      INDArray y = fused.forward(inBlocks && in % ChannelBlocks.WIDTH == 0 ? blocked(x) : x);

      assertThat(ChannelBlocks.are(y)).isEqualTo(inBlocks);
      y = inBlocks ? plain(y) : y;
      assertThat(y.shape()).containsExactly(expected.shape());
      assertClose(y, expected);
    }
  }

  @ParameterizedTest(name = "stride {0}, padding {1}")
  @CsvSource({"2, 0", "1, 1"})
  void shouldPoolAsWithoutBlocks(int stride, int padding) {
    INDArray x = images(48, 9, 12);

    assertClose(
        plain(Pool2d.max(stride, padding).forward(blocked(x))),
        Pool2d.max(stride, padding).forward(x));
    assertClose(
        plain(Pool2d.mean(stride, padding).forward(blocked(x))),
        Pool2d.mean(stride, padding).forward(x));
  }

  @Test
  void shouldPutChannelsBehindEachOtherAsWithoutBlocks() {
    INDArray first = images(32, 3, 4);
    INDArray second = images(16, 3, 4);

    assertThat(plain(new ChannelConcat().forward(blocked(first), blocked(second))))
        .isEqualTo(Nd4j.concat(1, first, second));
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
