package org.fewstep.model.optim;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the Adam family shares: running means of the gradient (m) and of its square (v), named as
 * PyTorch names them. Vectors are float32, scalars float64: results agree with PyTorch's up to the
 * rounding of single operations.
 */
abstract class MomentOptimizer implements Optimizer {
  private static final String FIRST_MOMENT = "exp_avg";
  private static final String SECOND_MOMENT = "exp_avg_sq";

  final float[] firstMoment;
  final float[] secondMoment;
  final double beta1;
  final double beta2;
  final float epsilon;
  final double weightDecay;
  private long steps;

  MomentOptimizer(int size, double beta1, double beta2, double epsilon, double weightDecay) {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
      throw new IllegalArgumentException(
          "betas must lie in [0, 1), not be %s and %s".formatted(beta1, beta2));
    }
    if (!(epsilon >= 0) || !(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "epsilon and weight decay cannot be negative: %s, %s".formatted(epsilon, weightDecay));
    }
    this.firstMoment = new float[size];
    this.secondMoment = new float[size];
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = (float) epsilon;
    this.weightDecay = weightDecay;
  }

  @Override
  public final void step(float[] parameters, float[] gradient, double learningRate) {
    if (parameters.length != size() || gradient.length != size()) {
      throw new IllegalArgumentException(
          "%d parameters and %d gradients for an optimiser of %d"
              .formatted(parameters.length, gradient.length, size()));
    }
    steps++;
    update(parameters, gradient, learningRate, steps);
  }

  /** Moments and parameters of step number {@code step}, counted from 1. */
  abstract void update(float[] parameters, float[] gradient, double learningRate, long step);

  @Override
  public final float[] predict(float[] parameters, double learningRate, int ahead) {
    Vectors.checkLength("parameters", size(), parameters);
    float[] moved = parameters.clone();
    if (steps > 0 && ahead > 0) {
      move(moved, ahead * learningRate, steps);
    }
    return moved;
  }

  /** Moves parameters by the moments as they are after a step, without decay of the weights. */
  abstract void move(float[] parameters, double learningRate, long step);

  @Override
  public final int size() {
    return firstMoment.length;
  }

  @Override
  public final long steps() {
    return steps;
  }

  @Override
  public final Map<String, float[]> state() {
    Map<String, float[]> state = new LinkedHashMap<>();
    state.put(FIRST_MOMENT, firstMoment);
    state.put(SECOND_MOMENT, secondMoment);
    return state;
  }

  @Override
  public final void restore(long restoredSteps, Map<String, float[]> state) {
    Vectors.checkSameLayout(state(), state);
    if (restoredSteps < 0) {
      throw new IllegalArgumentException("negative number of steps " + restoredSteps);
    }
    state().forEach((name, live) -> Vectors.copy(name, state.get(name), live));
    steps = restoredSteps;
  }
}
