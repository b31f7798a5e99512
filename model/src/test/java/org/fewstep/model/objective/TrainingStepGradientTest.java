package org.fewstep.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.unet.UNet;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Finite differences through network and objective together, in float64. The target branch counts
 * as a constant: only the second of an evaluation's two forwards sees the moved parameters.
 */
class TrainingStepGradientTest {
  private static final double STEP = 1e-5;
  private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
  private static final UNetSpec SPEC =
      new UNetSpec(SHAPE, 8, List.of(1, 2), 2, 1, 1, List.of(4), 0.2, 3, 0, true);

  /** The first tensor by tensor; the others, through the same network, eight tensors at once. */
  static Stream<Arguments> everyParameterisation() {
    return Stream.of(
        Arguments.of(Schedule.FLOW, Parameterisation.SIMPLE_EDM, SecondTime.TARGET, 1),
        Arguments.of(Schedule.FLOW, Parameterisation.EULER_FM, SecondTime.GAP, 8),
        Arguments.of(Schedule.FLOW, Parameterisation.IDENTITY, SecondTime.TARGET, 8),
        Arguments.of(Schedule.COSINE, Parameterisation.SIMPLE_EDM, SecondTime.GAP, 8),
        Arguments.of(Schedule.COSINE, Parameterisation.IDENTITY, SecondTime.TARGET, 8));
  }

  @ParameterizedTest
  @MethodSource("everyParameterisation")
  void shouldHaveTheGradientOfFiniteDifferences(
      Schedule schedule,
      Parameterisation parameterisation,
      SecondTime secondTime,
      int tensorsAtOnce) {
    UNet unet = UNet.create(SPEC, DataType.DOUBLE, Kernels.ND4J);
    unet.load(wellSpread(unet.parameters()));
    MovedNetwork network = new MovedNetwork(unet);
    StepModel model =
        new StepModel(
            network, new StepModel.Settings(schedule, parameterisation, secondTime, 0.5, 1000));
    ImmObjective objective =
        new ImmObjective(
            model,
            new ImmObjective.Settings(
                new ImmTimes(schedule, parameterisation, 0.5, 0.01, 0.99, Mapping.ETA, 4, 1, 4, 0),
                4,
                0.3,
                ImmObjective.TargetLabels.KEPT,
                11));
    Unit unit = unit();
    float[] ignored = new float[unet.parameters().length()];
    objective.evaluate(unit, ignored);
    double[] gradient = unet.graph().gradients().reshape(ignored.length).toDoubleVector();

    CounterRandom random = CounterRandom.of(3, Purpose.NOISE, 0);
    List<ParameterTable.Entry> all = unet.parameters().entries();
    for (int first = 0; first < all.size(); first += tensorsAtOnce) {
      List<ParameterTable.Entry> entries =
          all.subList(first, Math.min(all.size(), first + tensorsAtOnce));
      double[] direction = new double[gradient.length];
      double analytic = 0;
      double norm = 0;
      for (ParameterTable.Entry entry : entries) {
        int start = Math.toIntExact(entry.offset());
        random.fillGaussian(direction, start, start + entry.length(), 1);
        for (int i = start; i < start + entry.length(); i++) {
          analytic += gradient[i] * direction[i];
          norm += gradient[i] * gradient[i];
        }
      }
      double up = network.lossAt(direction, STEP, objective, unit, 2);
      double down = network.lossAt(direction, -STEP, objective, unit, 2);
      double numeric = (up - down) / (2 * STEP);
      assertThat(analytic)
          .as("%s", entries.stream().map(ParameterTable.Entry::name).toList())
          .isCloseTo(numeric, within(2e-5 * Math.sqrt(norm) + 1e-9));
    }
  }

  /** Official initialisation has near-zero layers that would hide errors behind them. */
  private static float[] wellSpread(ParameterTable table) {
    float[] flat = table.initialise(1);
    for (ParameterTable.Entry entry : table.entries()) {
      CounterRandom random = CounterRandom.of(2, Purpose.INITIALISATION, entry.offset());
      boolean weight = entry.shape().length > 1;
      for (int i = 0; i < entry.length(); i++) {
        int at = Math.toIntExact(entry.offset()) + i;
        double fanIn = weight ? entry.length() / (double) entry.shape()[0] : 1;
        flat[at] += (float) (0.3 * random.nextGaussian() / Math.sqrt(fanIn));
      }
    }
    return flat;
  }

  private static Unit unit() {
    double[] images = new double[8 * SHAPE.size()];
    CounterRandom.of(5, Purpose.NOISE, 0).fillGaussian(images, 0, images.length, 0.5);
    return new Unit(3, SHAPE, images, new int[] {0, 1, 2, 0, 1, 2, -1, 0});
  }
}
