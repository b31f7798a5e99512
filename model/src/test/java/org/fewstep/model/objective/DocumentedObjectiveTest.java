package org.fewstep.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.mlp.Mlp;
import org.fewstep.model.network.mlp.MlpSpec;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** The example of docs/objectives.md is {@link AlphaBlendingObjective}, word for word. */
class DocumentedObjectiveTest {
  private static final int MOST_LINES = 120;

  @Test
  void shouldBeTheExampleThatIsCompiledHere() throws IOException {
    String source =
        Files.readString(
            Path.of("src/test/java/org/fewstep/model/objective/AlphaBlendingObjective.java"));
    String page = Files.readString(Path.of("../docs/objectives.md"));
    String example = page.substring(page.indexOf("```java\n") + 8);

    assertThat(example.substring(0, example.indexOf("```"))).isEqualTo(source);
    assertThat(source.lines().count()).isLessThan(MOST_LINES);
  }

  /** The authors' sum over pixels is the size times sigmaData^2 of what flow matching's mean is. */
  @Test
  void shouldBeFlowMatchingOnTheScheduleFlow() {
    ImageShape shape = new ImageShape(2, 1, 1);
    Mlp mlp = Mlp.create(new MlpSpec(shape, 6, 1, 0, false), DataType.DOUBLE, Kernels.ND4J);
    mlp.load(mlp.parameters().initialise(1));
    StepModel model =
        new StepModel(
            mlp,
            new StepModel.Settings(
                Schedule.FLOW, Parameterisation.EULER_FM, SecondTime.TARGET, 0.5, 1000));
    double[] images = new double[16];
    CounterRandom.of(5, Purpose.NOISE, 0).fillGaussian(images, 0, images.length, 0.5);
    Unit unit = new Unit(3, shape, images, new int[] {-1, -1, -1, -1, -1, -1, -1, -1});
    DenoisingObjective.Settings flow =
        new DenoisingObjective.Settings(TimeLaw.uniform(0, 1), DenoisingWeight.VELOCITY, 0, 11);
    float[] ofFlow = new float[mlp.parameters().length()];
    float[] ofBlending = new float[ofFlow.length];

    double flowLoss = new DenoisingObjective(model, flow).evaluate(unit, ofFlow).loss();
    double loss = new AlphaBlendingObjective(model, 0, 11).evaluate(unit, ofBlending).loss();

    double factor = 2 * 0.5 * 0.5;
    assertThat(loss).isPositive().isCloseTo(factor * flowLoss, within(1e-9));
    for (int i = 0; i < ofFlow.length; i++) {
      assertThat(ofBlending[i]).isCloseTo((float) factor * ofFlow[i], within(1e-5f));
    }
  }
}
