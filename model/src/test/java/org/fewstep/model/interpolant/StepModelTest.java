package org.fewstep.model.interpolant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.unet.UNet;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class StepModelTest {
  private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
  private static final int CLASSES = 3;

  @ParameterizedTest
  @CsvSource({
    "SIMPLE_EDM, TARGET, 0, FUSED",
    "SIMPLE_EDM, TARGET, 0.3, FUSED",
    "EULER_FM, GAP, 0, ND4J",
    "IDENTITY, TARGET, 0, ND4J"
  })
  void shouldAnswerWithoutTheNetworkWhereNothingMoves(
      Parameterisation parameterisation, SecondTime secondTime, double dropout, Kernels kernels) {
    UNetSpec spec =
        new UNetSpec(SHAPE, 8, List.of(1, 2), 2, 1, 1, List.of(4), dropout, CLASSES, 0, true);
    UNet network = UNet.create(spec, DataType.FLOAT, kernels);
    float[] parameters = new float[network.parameters().length()];
    CounterRandom random = CounterRandom.of(1, Purpose.INITIALISATION, 0);
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = (float) (0.3 * random.nextGaussian());
    }
    network.load(parameters);
    try (StepModel model =
        new StepModel(
            network,
            new StepModel.Settings(Schedule.FLOW, parameterisation, secondTime, 0.5, 1000))) {
      double[] t = {0.3, 0.7, 0.2, 0.9, 0.5, 0.5};
      double[] s = {0.3, 0.1, 0.2, 0.8, 0.5, 0.4};
      double[] x = new double[t.length * SHAPE.size()];
      CounterRandom.of(2, Purpose.NOISE, 0).fillGaussian(x, 0, x.length, 0.5);
      float[] labels = new float[t.length * CLASSES];
      for (int n = 0; n < t.length; n++) {
        labels[n * CLASSES + n % CLASSES] = 1;
      }
      DropoutKey key = new DropoutKey(3, 0);

      double[] everyRow = model.apply(x, t, s, labels, null, key);
      assertThat(model.applyConstant(x, t, s, labels, key)).containsExactly(everyRow, within(1e-6));
      double[] still = model.applyConstant(x, t, t, labels, key);
      assertThat(still).isEqualTo(x).isNotSameAs(x);
      int row = SHAPE.size();
      assertThat(Arrays.copyOf(everyRow, row)).isEqualTo(Arrays.copyOf(x, row));
      assertThat(model.apply(x, t, s, labels, null, key)).isEqualTo(everyRow);
    }
  }
}
