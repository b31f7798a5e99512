package org.fewstep.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptimizersTest {
  private static final int SIZE = 37;
  private static final int STEPS = 60;

  /** The algorithms of PyTorch's documentation for one parameter, in float64. */
  private static final class Reference {
    private final String kind;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double decay;
    private double m;
    private double v;
    private int t;

    Reference(String kind, double beta1, double beta2, double epsilon, double decay) {
      this.kind = kind;
      this.beta1 = beta1;
      this.beta2 = beta2;
      this.epsilon = epsilon;
      this.decay = decay;
    }

    double step(double theta, double gradient, double lr) {
      t++;
      double g = gradient;
      if (kind.equals("adamw")) {
        theta -= lr * decay * theta;
      } else {
        g += decay * theta;
      }
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      double mHat = m / (1 - Math.pow(beta1, t));
      if (!kind.equals("radam")) {
        double vHat = v / (1 - Math.pow(beta2, t));
        return theta - lr * mHat / (Math.sqrt(vHat) + epsilon);
      }
      double rhoInfinity = 2 / (1 - beta2) - 1;
      double rho = rhoInfinity - 2 * t * Math.pow(beta2, t) / (1 - Math.pow(beta2, t));
      if (rho > 5) {
        double l = Math.sqrt(1 - Math.pow(beta2, t)) / (Math.sqrt(v) + epsilon);
        double numerator = (rho - 4) * (rho - 2) * rhoInfinity;
        double denominator = (rhoInfinity - 4) * (rhoInfinity - 2) * rho;
        return theta - lr * mHat * Math.sqrt(numerator / denominator) * l;
      }
      return theta - lr * mHat;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "adam, 0.9, 0.999, 1e-8, 0",
    "adam, 0.9, 0.999, 1e-8, 0.1",
    "adam, 0, 0.99, 1e-12, 0",
    "adam, 0.5, 0.9, 0.1, 0",
    "adamw, 0.9, 0.999, 1e-8, 0",
    "adamw, 0.9, 0.95, 1e-8, 0.1",
    "radam, 0.9, 0.999, 1e-8, 0",
    "radam, 0.9, 0.999, 1e-8, 0.1",
    "radam, 0.9, 0.999, 0.1, 0",
    "radam, 0.5, 0.9, 1e-8, 0",
    "radam, 0.9, 0.6, 1e-8, 0",
  })
  void shouldFollowPyTorchsFormulas(
      String kind, double beta1, double beta2, double epsilon, double decay) {
    Random random = new Random(1);
    Optimizer optimizer = create(kind, beta1, beta2, epsilon, decay);
    Reference[] references = new Reference[SIZE];
    float[] parameters = new float[SIZE];
    double[] expected = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      references[i] = new Reference(kind, beta1, beta2, epsilon, decay);
      parameters[i] = (float) random.nextGaussian();
      expected[i] = parameters[i];
    }
    for (int step = 0; step < STEPS; step++) {
      double learningRate = 0.01 / (1 + step % 7);
      float[] gradient = new float[SIZE];
      for (int i = 0; i < SIZE; i++) {
        gradient[i] = (float) (random.nextGaussian() * Math.exp(i % 9 - 6));
        expected[i] = references[i].step(expected[i], gradient[i], learningRate);
      }
      optimizer.step(parameters, gradient, learningRate);
      for (int i = 0; i < SIZE; i++) {
        assertThat((double) parameters[i])
            .as("parameter %d after step %d", i, step + 1)
            .isCloseTo(expected[i], within(3e-6 * Math.max(1, Math.abs(expected[i]))));
      }
    }
    assertThat(optimizer.steps()).isEqualTo(STEPS);
  }

  /** rho_5 = 4.996 and rho_6 = 5.994 for beta2 = 0.999: the sixth step is the first rectified. */
  @Test
  void shouldRectifyFromTheSixthStepOn() {
    Optimizer optimizer = Optimizers.radam(1, 0.9, 0.999, 1e-8, 0);
    float[] parameter = {0};
    double[] moved = new double[7];
    for (int step = 1; step <= 6; step++) {
      double before = parameter[0];
      optimizer.step(parameter, new float[] {100}, 1e-3);
      moved[step] = before - parameter[0];
    }
    // With a constant gradient g the momentum step is lr * g, the adaptive one lr * r_t.
    for (int step = 1; step <= 5; step++) {
      assertThat(moved[step]).isCloseTo(0.1, within(1e-6));
    }
    assertThat(moved[6]).isBetween(1e-5, 5e-5);
  }

  /** With a constant gradient every step of Adam is the learning rate itself. */
  @Test
  void shouldMoveByTheLearningRateWhenTheGradientIsConstant() {
    Optimizer optimizer = Optimizers.adam(2, 0.9, 0.999, 0, 0);
    float[] parameters = {0, 0};
    for (int step = 0; step < 10; step++) {
      optimizer.step(parameters, new float[] {1e-4f, -50}, 0.5);
    }
    assertThat(parameters[0]).isCloseTo(-5f, within(1e-4f));
    assertThat(parameters[1]).isCloseTo(5f, within(1e-4f));
  }

  /** Where the gradient stays as it is, the means of the past tell the future. */
  @ParameterizedTest
  @CsvSource({"adam, 1, 1e-6", "adam, 3, 1e-6", "adamw, 2, 1e-6", "radam, 1, 2e-3"})
  void shouldPredictWhereItGoesWhenTheGradientIsConstant(String kind, int ahead, double tolerance) {
    Optimizer optimizer = create(kind, 0.9, 0.99, 1e-8, 0);
    float[] parameters = new float[SIZE];
    float[] gradient = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      gradient[i] = (float) Math.sin(i + 1);
    }
    assertThat(optimizer.predict(parameters, 0.5, ahead)).isEqualTo(parameters);
    for (int step = 0; step < 500; step++) {
      optimizer.step(parameters, gradient, 0.5);
    }
    float[] before = parameters.clone();

    float[] predicted = optimizer.predict(parameters, 0.5, ahead);

    assertThat(parameters).isEqualTo(before);
    assertThat(optimizer.predict(parameters, 0.5, 0)).isEqualTo(before).isNotSameAs(parameters);
    for (int step = 0; step < ahead; step++) {
      optimizer.step(parameters, gradient, 0.5);
    }
    for (int i = 0; i < SIZE; i++) {
      assertThat(predicted[i]).isNotEqualTo(before[i]);
      assertThat((double) predicted[i])
          .as("parameter %d", i)
          .isCloseTo(parameters[i], within(tolerance * Math.abs(parameters[i])));
    }
  }

  @ParameterizedTest
  @CsvSource({"adam", "adamw", "radam"})
  void shouldGoOnFromARestoredStateToTheBit(String kind) {
    Random random = new Random(2);
    Optimizer straight = create(kind, 0.9, 0.999, 1e-8, 0.01);
    float[] parameters = gaussian(random);
    for (int step = 0; step < 4; step++) {
      straight.step(parameters, gaussian(random), 1e-3);
    }
    Optimizer resumed = create(kind, 0.9, 0.999, 1e-8, 0.01);
    resumed.restore(straight.steps(), straight.state());
    float[] copy = parameters.clone();
    for (int step = 0; step < 8; step++) {
      float[] gradient = gaussian(random);
      straight.step(parameters, gradient, 1e-3);
      resumed.step(copy, gradient, 1e-3);
    }
    assertThat(copy).isEqualTo(parameters);
    assertThat(resumed.steps()).isEqualTo(12);
    assertThat(resumed.state().get("exp_avg")).isNotSameAs(straight.state().get("exp_avg"));
  }

  @ParameterizedTest
  @CsvSource({"adam", "adamw", "radam"})
  void shouldStepAPartAsItStepsTheWhole(String kind) {
    Random random = new Random(3);
    Optimizer whole = create(kind, 0.9, 0.999, 1e-8, 0.01);
    Optimizer part =
        switch (kind) {
          case "adam" -> Optimizers.adam(10, 0.9, 0.999, 1e-8, 0.01);
          case "adamw" -> Optimizers.adamW(10, 0.9, 0.999, 1e-8, 0.01);
          default -> Optimizers.radam(10, 0.9, 0.999, 1e-8, 0.01);
        };
    float[] parameters = gaussian(random);
    float[] slice = Arrays.copyOfRange(parameters, 20, 30);
    for (int step = 0; step < 8; step++) {
      float[] gradient = gaussian(random);
      whole.step(parameters, gradient, 1e-3);
      part.step(slice, Arrays.copyOfRange(gradient, 20, 30), 1e-3);
    }
    assertThat(slice).isEqualTo(Arrays.copyOfRange(parameters, 20, 30));
  }

  @Test
  void shouldRefuseWhatDoesNotFitAndChangeNothing() {
    Optimizer optimizer = Optimizers.adam(2, 0.9, 0.999, 1e-8, 0);
    assertThatThrownBy(() -> optimizer.step(new float[2], new float[3], 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> optimizer.restore(3, Map.of("exp_avg", new float[2])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exp_avg_sq");
    float[] ones = {1, 1};
    assertThatThrownBy(
            () -> optimizer.restore(3, Map.of("exp_avg", ones, "exp_avg_sq", new float[3])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'exp_avg_sq' has 3 numbers, not 2");
    assertThat(optimizer.steps()).isZero();
    assertThat(optimizer.state().get("exp_avg")).containsOnly(0);
    assertThatThrownBy(() -> Optimizers.adam(2, 1, 0.999, 1e-8, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Optimizers.radam(2, 0.9, 0.999, Double.NaN, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Optimizer create(
      String kind, double beta1, double beta2, double epsilon, double decay) {
    return switch (kind) {
      case "adam" -> Optimizers.adam(SIZE, beta1, beta2, epsilon, decay);
      case "adamw" -> Optimizers.adamW(SIZE, beta1, beta2, epsilon, decay);
      case "radam" -> Optimizers.radam(SIZE, beta1, beta2, epsilon, decay);
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static float[] gaussian(Random random) {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
