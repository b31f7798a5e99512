package org.fewstep.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
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
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Finite differences through networks and losses in float64, with what counts as constant held. */
class MomentMatchingGradientsTest {
  private static final ImageShape SHAPE = new ImageShape(2, 1, 1);
  private static final int IMAGES = 8;
  private static final double STEP = 1e-5;
  private static final StudentStates.Settings SETTINGS =
      new StudentStates.Settings(
          TimeLaw.uniform(0.05, 0.95), 0.95, 0.3, DenoisingWeight.SNR_PLUS_ONE, true, 4);

  private final Mlp student = mlp(1);
  private final Mlp auxiliary = mlp(2);
  private final Mlp teacher = mlp(3);
  private final StudentStates states = new StudentStates(model(student), SETTINGS);
  private final int length = student.parameters().length();
  private final double[] direction = direction(length);

  @Test
  void shouldLeadTheAuxiliaryDenoiserDownItsLoss() {
    Objective objective = alternating(3);
    Unit unit = unit(3L * 4); // of an even update, in which three units take part

    objective.evaluate(unit, new float[length]);
    double slope = dot(gradient(auxiliary));
    double up = movedLoss(auxiliary, STEP, () -> loss(objective, unit));
    double down = movedLoss(auxiliary, -STEP, () -> loss(objective, unit));

    assertThat(slope).isCloseTo((up - down) / (2 * STEP), within(1e-6 * Math.abs(slope)));
    assertThat(Math.abs(slope)).isGreaterThan(1e-3);
  }

  @Test
  void shouldLeadTheStudentByTheGapBetweenAuxiliaryDenoiserAndTeacher() {
    Unit unit = unit(3L * 5 + 2);
    StudentStates.Drawn drawn = states.draw(unit);
    double[] found = drawn.denoised(model(auxiliary));
    double[] taught = drawn.denoised(model(teacher));
    double[] gap = new double[found.length];
    Arrays.setAll(gap, i -> found[i] - taught[i]);

    assertLeads(alternating(3), unit, drawn, gap, unit, 1e-9);
  }

  /** The change of the teacher along nu, whose differences are taken here over another distance. */
  @Test
  void shouldLeadTheStudentByWhatAStepOfTheTeacherChanges() {
    Unit unit = unit(1);
    int half = IMAGES / 2;
    float[] theta = parameters(teacher);
    float[] preconditioner = new float[length];
    CounterRandom random = CounterRandom.of(8, Purpose.NOISE, 0);
    for (int i = 0; i < length; i++) {
      preconditioner[i] = (float) (0.5 + random.nextDouble());
    }
    StudentStates.Drawn a = states.draw(unit.part(0, half));
    WeightedError error =
        WeightedError.of(
            a.denoised(model(teacher)), a.image(), a.weight(), ImageDistance.SQUARED_L2);
    StepModel taught = model(teacher);
    a.denoised(taught);
    taught.backward(error.gradient(), new float[length]);
    double[] nu = gradient(teacher);
    Arrays.setAll(nu, i -> -preconditioner[i] * nu[i]);
    StudentStates.Drawn b = states.draw(unit.part(half, IMAGES));
    double h = 1e-3;
    double[] up = moved(teacher, nu, h, () -> b.denoised(model(teacher)));
    double[] down = moved(teacher, nu, -h, () -> b.denoised(model(teacher)));
    double[] change = new double[up.length];
    Arrays.setAll(change, i -> (up[i] - down[i]) / (2 * h));
    float[] before = parameters(teacher);

    Objective objective = new InstantMomentMatching(states, model(teacher), theta, preconditioner);
    assertLeads(objective, unit, b, change, unit.part(half, IMAGES), 1e-3);
    assertThat(parameters(teacher)).containsExactly(before);
  }

  /** The loss is linear in the student's images, along a direction that stays. */
  private void assertLeads(
      Objective objective,
      Unit unit,
      StudentStates.Drawn drawn,
      double[] along,
      Unit seen,
      double tolerance) {
    double loss = objective.evaluate(unit, new float[length]).loss();
    double slope = dot(gradient(student));
    double up = movedLoss(student, STEP, () -> loss(states.draw(seen), along));
    double down = movedLoss(student, -STEP, () -> loss(states.draw(seen), along));
    double expected = loss(drawn, along);

    assertThat(loss).isCloseTo(expected, within(tolerance * Math.abs(expected) + 1e-12));
    assertThat(slope)
        .isCloseTo((up - down) / (2 * STEP), within((tolerance + 1e-6) * Math.abs(slope)));
    assertThat(Math.abs(slope)).isGreaterThan(1e-4);
  }

  private static double loss(StudentStates.Drawn drawn, double[] along) {
    double loss = 0;
    for (int i = 0; i < along.length; i++) {
      loss += drawn.weight()[i / SHAPE.size()] * drawn.image()[i] * along[i] / along.length;
    }
    return loss;
  }

  private double loss(Objective objective, Unit unit) {
    return objective.evaluate(unit, new float[length]).loss();
  }

  private AlternatingMomentMatching alternating(int unitsPerUpdate) {
    return new AlternatingMomentMatching(
        states,
        model(auxiliary),
        model(teacher),
        new AlternatingMomentMatching.Settings(1, unitsPerUpdate));
  }

  private interface Loss {
    double get();
  }

  private interface Output {
    double[] get();
  }

  private double movedLoss(Mlp network, double step, Loss loss) {
    return moved(network, direction, step, () -> new double[] {loss.get()})[0];
  }

  private static double[] moved(Mlp network, double[] along, double step, Output output) {
    INDArray parameters = network.graph().parameters();
    INDArray before = parameters.dup();
    parameters.addi(Nd4j.createFromArray(along).muli(step).reshape(before.shape()));
    double[] result = output.get();
    parameters.assign(before);
    return result;
  }

  private double dot(double[] gradient) {
    double sum = 0;
    for (int i = 0; i < gradient.length; i++) {
      sum += gradient[i] * direction[i];
    }
    return sum;
  }

  private double[] gradient(Mlp network) {
    return network.graph().gradients().reshape(length).toDoubleVector();
  }

  private float[] parameters(Mlp network) {
    return network.graph().parameters().dup().reshape(length).toFloatVector();
  }

  private static double[] direction(int length) {
    double[] direction = new double[length];
    CounterRandom.of(3, Purpose.NOISE, 0).fillGaussian(direction, 0, length, 1);
    return direction;
  }

  private static StepModel model(Mlp network) {
    return new StepModel(
        network,
        new StepModel.Settings(
            Schedule.COSINE, Parameterisation.SIMPLE_EDM, SecondTime.TARGET, 0.5, 4));
  }

  private static Mlp mlp(int seed) {
    Mlp mlp = Mlp.create(new MlpSpec(SHAPE, 5, 1, 3, false), DataType.DOUBLE, Kernels.ND4J);
    float[] flat = mlp.parameters().initialise(seed);
    CounterRandom random = CounterRandom.of(seed, Purpose.INITIALISATION, 0);
    // A fresh last layer is zero and would hide errors behind it.
    for (int i = 0; i < flat.length; i++) {
      flat[i] += (float) (0.3 * random.nextGaussian());
    }
    mlp.load(flat);
    return mlp;
  }

  private static Unit unit(long index) {
    double[] images = new double[IMAGES * SHAPE.size()];
    CounterRandom.of(5, Purpose.NOISE, index).fillGaussian(images, 0, images.length, 0.5);
    return new Unit(index, SHAPE, images, new int[] {0, 1, 2, 0, 1, 2, -1, 0});
  }
}
