package org.fewstep.model.network.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.network.Initialiser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Products large enough to be shared among threads, beside those of ND4J's operations. */
class MatrixKernelsTest {
  private static final int ROWS = 1100; // of several stripes, the last one shorter
  private static final int IN = 96;
  private static final int OUT = 64;

  @AfterEach
  void restoreThreads() {
    CpuThreads.use(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldGiveTheSameLinearFunctionAndGradients(int threads) {
    INDArray x = random(1, ROWS, IN);
    INDArray dy = random(2, ROWS, OUT);

    List<INDArray> composed = linear(Kernels.ND4J, x, dy);
    CpuThreads.use(threads);
    List<INDArray> fused = linear(Kernels.FUSED, x, dy);

    assertSame(fused, composed);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldGiveTheSameAttentionAndGradient(int threads) {
    INDArray qkv = random(3, 3, 40, 3 * 24);
    INDArray dy = random(4, 3, 40, 24);

    List<INDArray> composed = attention(Kernels.ND4J, qkv, dy);
    CpuThreads.use(threads);
    List<INDArray> fused = attention(Kernels.FUSED, qkv, dy);

    assertSame(fused, composed);
  }

  private static List<INDArray> linear(Kernels kernels, INDArray x, INDArray dy) {
    Linear linear = new Linear("l", IN, OUT, true, new Initialiser.Normal(1), kernels);
    INDArray parameters = random(5, OUT * IN + OUT);
    INDArray gradients = Nd4j.create(DataType.FLOAT, OUT * IN + OUT);
    long offset = 0;
    for (Parameter parameter : linear.parameters()) {
      parameter.bindValue(parameters, offset);
      parameter.bindGradient(gradients, offset);
      offset += parameter.length();
    }
    linear.backward(linear.forward(random(6, ROWS, IN))); // whose memory is used again
    INDArray y = linear.forward(x).dup();
    return List.of(y, linear.backward(dy).dup(), gradients.dup());
  }

  private static List<INDArray> attention(Kernels kernels, INDArray qkv, INDArray dy) {
    MultiHeadAttention attention = new MultiHeadAttention(4, kernels);
    INDArray y = attention.forward(qkv).dup();
    return List.of(y, attention.backward(dy).dup());
  }

  private static void assertSame(List<INDArray> actual, List<INDArray> expected) {
    for (int i = 0; i < expected.size(); i++) {
      double largest = expected.get(i).amaxNumber().doubleValue();
      double apart = actual.get(i).sub(expected.get(i)).amaxNumber().doubleValue();
      assertThat(apart / largest).as("result " + i).isCloseTo(0, within(1e-5));
    }
  }

  private static INDArray random(long seed, long... shape) {
    Random random = new Random(seed);
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }
}
