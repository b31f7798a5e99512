package org.fewstep.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.unet.UNet;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A U-Net with dropout and classes computes a unit in passes as at once. All objectives are held to
 * that in {@link ObjectiveGradientsTest}.
 */
class MicroBatchesTest {
  private static final ImageShape SHAPE = new ImageShape(1, 7, 7);

  /** Sixteen channels are a block where the processor has blocks; eight never are. */
  @ParameterizedTest
  @CsvSource({"16, 4, 2e-5", "16, 8, 2e-5", "8, 4, 2e-5"})
  void shouldDropOutTheSameInSeveralPasses(int channels, int images, double tolerance) {
    UNetSpec spec = new UNetSpec(SHAPE, channels, List.of(1), 2, 1, 1, List.of(7), 0.4, 3, 0, true);
    UNet unet = UNet.create(spec, DataType.FLOAT, Kernels.FUSED);
    float[] parameters = unet.parameters().initialise(1);
    CounterRandom random = CounterRandom.of(2, Purpose.INITIALISATION, 0);
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] += (float) (0.1 * random.nextGaussian());
    }
    unet.load(parameters);
    Objective objective =
        new ImmObjective(
            new StepModel(
                unet,
                new StepModel.Settings(
                    Schedule.FLOW, Parameterisation.SIMPLE_EDM, SecondTime.TARGET, 0.5, 1000)),
            new ImmObjective.Settings(
                new ImmTimes(
                    Schedule.FLOW,
                    Parameterisation.SIMPLE_EDM,
                    0.5,
                    0.01,
                    0.99,
                    Mapping.ETA,
                    4,
                    1,
                    4,
                    0),
                Kernel.LAPLACE,
                4,
                true,
                0.3,
                ImmObjective.TargetLabels.KEPT,
                11));
    float[] atOnce = new float[parameters.length];
    float[] inPasses = new float[parameters.length];

    double loss = objective.evaluate(unit(), atOnce).loss();
    double sum = new MicroBatches(objective, images).evaluate(unit(), inPasses).loss();

    double largest = 0;
    double difference = 0;
    for (int i = 0; i < atOnce.length; i++) {
      largest = Math.max(largest, Math.abs(atOnce[i]));
      difference = Math.max(difference, Math.abs(atOnce[i] - inPasses[i]));
    }
    assertThat(sum).isCloseTo(loss, within(tolerance * Math.abs(loss)));
    assertThat(difference).isLessThan(tolerance * largest);
  }

  private static Unit unit() {
    double[] images = new double[12 * SHAPE.size()];
    CounterRandom.of(5, Purpose.NOISE, 0).fillGaussian(images, 0, images.length, 0.5);
    return new Unit(3, SHAPE, images, new int[] {0, 1, 2, 0, 1, 2, -1, 0, 2, 1, 1, 0});
  }
}
