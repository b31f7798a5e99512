package org.fewstep.model.network.op;

import static org.assertj.core.api.Assertions.assertThat;

import org.fewstep.model.network.Initialiser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class Conv2dTest {
  private static final int IMAGES = 3;

  /** One convolution with its parameters and gradients. */
  private static final class Subject {
    final Conv2d conv;
    final INDArray parameters;
    final INDArray gradients;

    Subject(int in, int out, int kernel, Kernels kernels) {
      conv = new Conv2d("conv", in, out, kernel, Initialiser.ZERO, kernels);
      long length = conv.parameters().stream().mapToLong(Parameter::length).sum();
      Nd4j.getRandom().setSeed(5);
      parameters = Nd4j.randn(DataType.FLOAT, length);
      gradients = Nd4j.valueArrayOf(new long[] {length}, 7f, DataType.FLOAT);
      long offset = 0;
      for (Parameter parameter : conv.parameters()) {
        parameter.bindValue(parameters, offset);
        parameter.bindGradient(gradients, offset);
        offset += parameter.length();
      }
    }
  }

  @ParameterizedTest(name = "{0} to {1} channels, kernel {2}, {3}x{4}")
  @CsvSource({
    "5, 7, 1, 6, 4",
    "1, 1, 1, 1, 1",
    "64, 32, 1, 14, 14", // 1x1
    "1, 32, 3, 28, 28",
    "3, 9, 3, 5, 8",
    "9, 3, 3, 8, 5",
    "1, 1, 3, 1, 1",
    "2, 6, 5, 7, 9", // few
    "8, 6, 3, 7, 7" // oneDNN on both sides
  })
  void shouldComputeTheSameWithFusedKernelsAsWithOperations(
      int in, int out, int kernel, int height, int width) {
    Subject fused = new Subject(in, out, kernel, Kernels.FUSED);
    Subject operations = new Subject(in, out, kernel, Kernels.ND4J);
    INDArray x = Nd4j.randn(DataType.FLOAT, IMAGES, in, height, width);
    INDArray dy = Nd4j.randn(DataType.FLOAT, IMAGES, out, height, width);

    assertClose(fused.conv.forward(x), operations.conv.forward(x));
    assertClose(fused.conv.backward(dy), operations.conv.backward(dy));
    assertClose(fused.gradients, operations.gradients);

    fused.gradients.assign(0);
    fused.conv.backwardParameters(dy);
    assertClose(fused.gradients, operations.gradients);
  }

  @ParameterizedTest
  @CsvSource({"4, 6, 1", "1, 4, 3"})
  void shouldForgetThePreviousBatchWhenTheNumberOfImagesOrTheirSizeChanges(
      int in, int out, int kernel) {
    Subject fused = new Subject(in, out, kernel, Kernels.FUSED);
    Subject operations = new Subject(in, out, kernel, Kernels.ND4J);
    for (int[] shape : new int[][] {{4, 6, 6}, {2, 9, 3}, {5, 3, 9}}) {
      INDArray x = Nd4j.randn(DataType.FLOAT, shape[0], in, shape[1], shape[2]);
      INDArray dy = Nd4j.randn(DataType.FLOAT, shape[0], out, shape[1], shape[2]);
      assertClose(fused.conv.forward(x), operations.conv.forward(x));
      assertClose(fused.conv.backward(dy), operations.conv.backward(dy));
      assertClose(fused.gradients, operations.gradients);
    }
  }

  private static void assertClose(INDArray actual, INDArray expected) {
    double scale = Math.max(1e-3, expected.amaxNumber().doubleValue());
    assertThat(actual.sub(expected).amaxNumber().doubleValue() / scale).isLessThan(1e-5);
  }
}
