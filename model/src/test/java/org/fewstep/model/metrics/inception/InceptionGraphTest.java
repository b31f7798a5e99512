package org.fewstep.model.metrics.inception;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.fewstep.model.network.op.Kernels;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class InceptionGraphTest {
  private static final double TOLERANCE = 1e-5;

  @Test
  void shouldGiveTheSameWithFusedAndComposedKernels() {
    InceptionWeights weights = InceptionWeights.fold(InceptionGraphTest::random);
    InceptionGraph fused = new InceptionGraph(weights, Kernels.fastest(DataType.FLOAT));
    InceptionGraph composed = new InceptionGraph(weights, Kernels.ND4J);
    INDArray images =
        Nd4j.rand(DataType.FLOAT, 1, 3, InceptionGraph.SIZE, InceptionGraph.SIZE).muli(2).subi(1);

    InceptionGraph.Ends own = fused.forward(images);
    InceptionGraph.Ends expected = composed.forward(images);

    assertClose(own.block3(), expected.block3());
    assertClose(own.spatial(), expected.spatial());
    assertClose(fused.trunk(images), composed.trunk(images));
  }

  private static void assertClose(INDArray actual, INDArray expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double largest = expected.amaxNumber().doubleValue();
    assertThat(largest).isPositive();
    assertThat(actual.sub(expected).amaxNumber().doubleValue() / largest).isLessThan(TOLERANCE);
  }

  /** Weights that keep the size of activations. */
  private static float[] random(String unit, InceptionWeights.Part part, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (x, y) -> x * y)];
    switch (part) {
      case GAMMA, VARIANCE -> Arrays.fill(values, 1);
      case WEIGHT -> {
        Random random = new Random(unit.hashCode());
        double scale = Math.sqrt(6.0 * shape[0] / values.length);
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (scale * (2 * random.nextFloat() - 1));
        }
      }
      default -> {
        // Zeros.
      }
    }
    return values;
  }
}
