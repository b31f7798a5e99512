package org.fewstep.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.interpolant.TimeInput;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.mlp.Mlp;
import org.fewstep.model.network.mlp.MlpSpec;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Finite differences through network and objective together, in float64, for every objective.
 * Targets count as constants: only the last forward of an evaluation sees the moved parameters.
 */
class ObjectiveGradientsTest {
  private static final double STEP = 2e-6;
  private static final double SIGMA_DATA = 0.5;
  private static final double T_MIN = 0.01;
  private static final double T_MAX = 0.99;
  private static final long IMAGES = 32;
  private static final int SEED = 11;
  private static final ImageShape SHAPE = new ImageShape(3, 1, 1);
  private static final TimePairs.Range RANGE =
      new TimePairs.Range(Schedule.FLOW, SIGMA_DATA, T_MIN, T_MAX);

  /** An objective on a kind of model. */
  private record Case(
      String name,
      Schedule schedule,
      Parameterisation parameterisation,
      boolean secondTime,
      int groupSize,
      Function<StepModel, Objective> objective) {
    Objective on(Network network) {
      return objective.apply(
          new StepModel(
              network,
              new StepModel.Settings(
                  schedule, parameterisation, SecondTime.GAP, SIGMA_DATA, TimeInput.LOG_NOISE, 4)));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> objectives() {
    TimeLaw uniform = TimeLaw.uniform(T_MIN, T_MAX);
    Parameterisation edm = Parameterisation.SIMPLE_EDM;
    return Stream.of(
        denoising("flow", Schedule.FLOW, Parameterisation.EULER_FM, uniform, "VELOCITY"),
        denoising(
            "flow, logit-normal",
            Schedule.COSINE,
            edm,
            TimeLaw.logitNormal(T_MIN, T_MAX, -0.4, 1),
            "VELOCITY"),
        denoising("eps", Schedule.COSINE, Parameterisation.EPSILON, uniform, "PREDICTION"),
        denoising("eps error of v", Schedule.LINEAR_BETA, edm, uniform, "EPSILON"),
        denoising("x", Schedule.LINEAR_BETA, Parameterisation.IDENTITY, uniform, "X"),
        denoising("v", Schedule.COSINE, edm, uniform, "V"),
        denoising(
            "edm",
            Schedule.FLOW,
            edm,
            TimeLaw.logNormalNoise(Schedule.FLOW, SIGMA_DATA, T_MIN, T_MAX, -1.2, 1.2),
            "EDM"),
        consistency("ct", TimePairs.ct(RANGE, 2, 150), ImageDistance.SQUARED_L2, pair -> 1),
        consistency(
            "ict",
            TimePairs.ict(RANGE, 10, 1280, -1.1, 2),
            new ImageDistance.PseudoHuber(0.00054),
            RANGE::inverseGap),
        consistency(
            "ect", TimePairs.ect(RANGE, -1.1, 2, 8, 2, 8, 1), ImageDistance.L2, RANGE::inverseGap),
        shortcut("shortcut", TargetModel::live),
        consistency(
            "ct, slower target",
            TimePairs.ct(RANGE, 2, 150),
            ImageDistance.SQUARED_L2,
            pair -> 1,
            model -> TargetModel.slower(slower(model))),
        shortcut("shortcut, slower target", model -> TargetModel.slower(slower(model))),
        imm("rbf", Kernel.RBF, 4),
        imm("energy", Kernel.ENERGY, 1),
        imm("pseudo-huber", new Kernel.Minus(new ImageDistance.PseudoHuber(0.1)), 2));
  }

  private static Case denoising(
      String name,
      Schedule schedule,
      Parameterisation parameterisation,
      TimeLaw law,
      String weight) {
    return new Case(
        name,
        schedule,
        parameterisation,
        false,
        1,
        model ->
            new DenoisingObjective(
                model,
                new DenoisingObjective.Settings(law, DenoisingWeight.valueOf(weight), 0.3, SEED)));
  }

  private static Case shortcut(String name, Function<StepModel, TargetModel> target) {
    return new Case(
        name,
        Schedule.FLOW,
        Parameterisation.EULER_FM,
        true,
        1,
        model ->
            new ShortcutObjective(
                model,
                target.apply(model),
                new ShortcutObjective.Settings(T_MIN, T_MAX, 8, 0.5, 4, 0.3, SEED)));
  }

  /** A model of the same kind with weights of its own. */
  private static StepModel slower(StepModel model) {
    Mlp mlp = mlp(model.network().hasSecondTime());
    mlp.load(weights(mlp, 9));
    return new StepModel(mlp, model.settings());
  }

  private static Case consistency(
      String name,
      TimePairs pairs,
      ImageDistance distance,
      ConsistencyObjective.PairWeight weight) {
    return consistency(name, pairs, distance, weight, TargetModel::live);
  }

  private static Case consistency(
      String name,
      TimePairs pairs,
      ImageDistance distance,
      ConsistencyObjective.PairWeight weight,
      Function<StepModel, TargetModel> target) {
    return new Case(
        name,
        Schedule.FLOW,
        Parameterisation.SIMPLE_EDM,
        false,
        1,
        model ->
            new ConsistencyObjective(
                model,
                target.apply(model),
                new ConsistencyObjective.Settings(
                    pairs, distance, weight, T_MIN, 0.3, IMAGES, SEED)));
  }

  private static Case imm(String name, Kernel kernel, int groupSize) {
    return new Case(
        "imm, " + name,
        Schedule.FLOW,
        Parameterisation.SIMPLE_EDM,
        true,
        groupSize,
        model -> new ImmObjective(model, immSettings(kernel, groupSize, ImmTimes.Target.UNIFORM)));
  }

  private static ImmObjective.Settings immSettings(
      Kernel kernel, int groupSize, ImmTimes.Target target) {
    return new ImmObjective.Settings(
        new ImmTimes(
            Schedule.FLOW,
            Parameterisation.SIMPLE_EDM,
            SIGMA_DATA,
            T_MIN,
            T_MAX,
            Mapping.ETA,
            4,
            1,
            4,
            0,
            target),
        kernel,
        groupSize,
        false,
        0.3,
        ImmObjective.TargetLabels.DROPPED_ALIKE,
        SEED);
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void shouldHaveTheGradientOfFiniteDifferences(Case c) {
    Mlp mlp = mlp(c.secondTime());
    MovedNetwork network = new MovedNetwork(mlp);
    Objective objective = c.on(network);
    Unit unit = unit();
    int length = mlp.parameters().length();
    network.lossAt(new double[length], 0, objective, unit, 0);
    int last = network.calls();
    double[] gradient = mlp.graph().gradients().reshape(length).toDoubleVector();

    CounterRandom random = CounterRandom.of(3, Purpose.NOISE, 0);
    for (ParameterTable.Entry entry : mlp.parameters().entries()) {
      int start = Math.toIntExact(entry.offset());
      double[] direction = new double[length];
      random.fillGaussian(direction, start, start + entry.length(), 1);
      double analytic = 0;
      double norm = 0;
      for (int i = start; i < start + entry.length(); i++) {
        analytic += gradient[i] * direction[i];
        norm += gradient[i] * gradient[i];
      }
      double up = network.lossAt(direction, STEP, objective, unit, last);
      double down = network.lossAt(direction, -STEP, objective, unit, last);
      assertThat(norm).as(entry.name()).isPositive();
      assertThat(analytic)
          .as(entry.name())
          .isCloseTo((up - down) / (2 * STEP), within(2e-5 * Math.sqrt(norm) + 1e-9));
    }
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void shouldGiveTheSameInSeveralPasses(Case c) {
    Mlp mlp = mlp(c.secondTime());
    float[] atOnce = new float[mlp.parameters().length()];
    UnitStatistics whole = c.on(mlp).evaluate(unit(), atOnce);
    double largest =
        IntStream.range(0, atOnce.length)
            .mapToDouble(i -> atOnce[i])
            .map(Math::abs)
            .max()
            .orElseThrow();

    for (int images = c.groupSize(); images < 2 * unit().count(); images += c.groupSize()) {
      float[] inPasses = new float[atOnce.length];
      Arrays.fill(inPasses, Float.NaN);
      UnitStatistics sum = new MicroBatches(c.on(mlp), images).evaluate(unit(), inPasses);

      assertThat(sum.loss()).as("%d", images).isCloseTo(whole.loss(), withinPercentage(1e-10));
      assertThat(inPasses)
          .as("%d", images)
          .containsExactly(atOnce, within((float) (1e-6 * largest)));
      if (!Double.isNaN(whole.crossKernel())) {
        assertThat(sum.crossKernel()).isCloseTo(whole.crossKernel(), withinPercentage(1e-10));
        assertThat(sum.modelKernel()).isCloseTo(whole.modelKernel(), withinPercentage(1e-10));
        assertThat(sum.targetKernel()).isCloseTo(whole.targetKernel(), withinPercentage(1e-10));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ct", "shortcut"})
  void shouldMakeTargetsByTheAverageThatIsPublishedWithTheParameters(String name) {
    Case live = named(name);
    Case slower = named(name + ", slower target");
    Mlp mlp = mlp(live.secondTime());
    int length = mlp.parameters().length();
    float[] own = weights(mlp, 2);
    float[] published = Arrays.copyOf(own, 2 * length);
    System.arraycopy(own, 0, published, length, length);
    float[] expected = new float[length];
    double loss = live.on(mlp).evaluate(unit(), expected).loss();

    Objective objective = slower.on(mlp);
    float[] gradient = new float[length];
    assertThat(objective.evaluate(unit(), gradient).loss()).isNotEqualTo(loss);
    new MicroBatches(objective, 8).loadCompanion(published, length);
    assertThat(objective.evaluate(unit(), gradient).loss()).isEqualTo(loss);
    assertThat(gradient).isEqualTo(expected);

    Objective ofOne = live.on(mlp);
    assertThatThrownBy(() -> ofOne.loadCompanion(published, length))
        .isInstanceOf(IllegalStateException.class);
  }

  private static Case named(String name) {
    return objectives().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void shouldRefuseToPartAGroup() {
    Mlp mlp = mlp(true);
    Objective objective = new MicroBatches(imm("rbf", Kernel.RBF, 4).on(mlp), 6);
    float[] gradient = new float[mlp.parameters().length()];

    assertThatThrownBy(() -> objective.evaluate(unit(), gradient))
        .hasMessage("a unit of 6 images is not groups of 4");
  }

  /** Zhou, Ermon, Song 2025, lemma 1: the loss is twice the weighted squared distance. */
  @Test
  void shouldBeConsistencyTrainingForSingleParticlesWithTheEnergyKernel() {
    StepModel.Settings settings =
        new StepModel.Settings(
            Schedule.FLOW, Parameterisation.SIMPLE_EDM, SecondTime.TARGET, SIGMA_DATA, 1000);
    ImmObjective.Settings imm = immSettings(Kernel.ENERGY, 1, ImmTimes.Target.SMALLEST);
    TimePairs pairs =
        (random, progress) -> {
          ImmTimes.Triple times = imm.times().draw(random);
          return new TimePairs.Pair(times.t(), times.r());
        };
    ConsistencyObjective.Settings consistency =
        new ConsistencyObjective.Settings(
            pairs,
            ImageDistance.SQUARED_L2,
            pair -> 2 * imm.times().weight(pair.t()),
            T_MIN,
            0.3,
            IMAGES,
            SEED);
    StepModel model = new StepModel(mlp(true), settings);
    int length = model.network().parameters().length();
    float[] ofImm = new float[length];
    float[] ofConsistency = new float[length];

    double immLoss = new ImmObjective(model, imm).evaluate(unit(), ofImm).loss();
    double loss =
        new ConsistencyObjective(model, consistency).evaluate(unit(), ofConsistency).loss();

    assertThat(loss).isPositive().isCloseTo(immLoss, within(1e-12 * immLoss));
    assertThat(ofConsistency).containsExactly(ofImm, within(1e-6f));
    assertThat(ofImm).isNotEqualTo(new float[length]);
  }

  private static Mlp mlp(boolean secondTime) {
    Mlp mlp = Mlp.create(new MlpSpec(SHAPE, 6, 1, 3, secondTime), DataType.DOUBLE, Kernels.ND4J);
    mlp.load(weights(mlp, 2));
    return mlp;
  }

  private static float[] weights(Mlp mlp, long seed) {
    float[] flat = mlp.parameters().initialise(1);
    CounterRandom random = CounterRandom.of(seed, Purpose.INITIALISATION, 0);
    // A fresh last layer is zero and would hide errors behind it.
    for (int i = 0; i < flat.length; i++) {
      flat[i] += (float) (0.3 * random.nextGaussian());
    }
    return flat;
  }

  private static Unit unit() {
    double[] images = new double[8 * SHAPE.size()];
    CounterRandom.of(5, Purpose.NOISE, 0).fillGaussian(images, 0, images.length, SIGMA_DATA);
    return new Unit(3, SHAPE, images, new int[] {0, 1, 2, 0, 1, 2, -1, 0});
  }
}
