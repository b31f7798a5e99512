package org.fewstep.model.optim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outer step of training by local steps: Nesterov momentum that moves only every N-th step (Liu
 * et al., 2024, arXiv 2401.09135, algorithm 3 with c = 0). With g the difference that trainers
 * pushed (parameters before less parameters after their steps), step number k counted from 1:
 *
 * <pre>
 * buffer += g
 * k mod N == 0:  m = momentum * m + buffer / N;  p -= rate * (momentum * m + g / N);  buffer = 0
 * otherwise:     p -= rate * g / N
 * </pre>
 *
 * <p>N is the number of trainers, so that the momentum moves once for all of them: were it moved by
 * each one's stale difference, training would suffer. N = 1 is the plain Nesterov step of DiLoCo.
 */
public final class DelayedNesterov implements Optimizer {
  private static final String MOMENTUM = "outer_momentum";
  private static final String BUFFER = "outer_buffer";

  private final double rate;
  private final double momentum;
  private final int delay;
  private final float[] velocity;
  private final float[] buffer;
  private long steps;

  /**
   * At rest.
   *
   * @param rate outer learning rate
   * @param momentum in [0, 1)
   * @param delay N, at least 1
   */
  public DelayedNesterov(int size, double rate, double momentum, int delay) {
    if (!(rate > 0) || !(momentum >= 0 && momentum < 1) || delay < 1) {
      throw new IllegalArgumentException(
          "outer rate %s, momentum %s, delay %d".formatted(rate, momentum, delay));
    }
    this.rate = rate;
    this.momentum = momentum;
    this.delay = delay;
    this.velocity = new float[size];
    this.buffer = new float[size];
  }

  /** Takes a step of the difference, whose factor is the learning rate. */
  @Override
  public void step(float[] parameters, float[] difference, double factor) {
    step(parameters, difference, null, factor);
  }

  /**
   * Takes a step of {@code factor * (difference + rest)}. Sums are in float64, so that with rate,
   * delay and factor 1 and no momentum the parameters become exactly those that the difference was
   * taken to.
   *
   * @param rest what rounding took from each difference; null for nothing
   */
  void step(float[] parameters, float[] difference, float @Nullable [] rest, double factor) {
    Vectors.checkLength("parameters", velocity.length, parameters);
    Vectors.checkLength("difference", velocity.length, difference);
    if (rest != null) {
      Vectors.checkLength("rest", velocity.length, rest);
    }
    steps++;
    boolean moves = steps % delay == 0;
    double scale = rate * (factor / delay);
    for (int i = 0; i < parameters.length; i++) {
      double p = parameters[i] - scale * difference[i];
      if (rest != null) {
        p -= scale * rest[i];
      }
      if (momentum > 0) {
        float sum = (float) (buffer[i] + factor * difference[i]);
        if (moves) {
          velocity[i] = (float) (momentum * velocity[i] + sum / delay);
          p -= rate * momentum * velocity[i];
          sum = 0;
        }
        buffer[i] = sum;
      }
      parameters[i] = (float) p;
    }
  }

  @Override
  public int size() {
    return velocity.length;
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public Map<String, float[]> state() {
    Map<String, float[]> state = new LinkedHashMap<>();
    state.put(MOMENTUM, velocity);
    state.put(BUFFER, buffer);
    return state;
  }

  @Override
  public void restore(long restoredSteps, Map<String, float[]> state) {
    Vectors.checkSameLayout(state(), state);
    if (restoredSteps < 0) {
      throw new IllegalArgumentException("negative number of steps " + restoredSteps);
    }
    state().forEach((name, live) -> Vectors.copy(name, state.get(name), live));
    steps = restoredSteps;
  }
}
