package org.fewstep.model.optim;

import java.util.Arrays;
import java.util.List;
import org.fewstep.model.optim.ParameterSet.Range;
import org.jspecify.annotations.Nullable;

/**
 * Optimiser steps that a trainer takes by itself, in rounds: each begins at parameters it was
 * given, and ends with how far it came. The optimiser's state is kept from round to round. Belongs
 * to one thread.
 */
public final class LocalSteps {
  private final Optimizer optimizer;
  private final LearningRate learningRate;
  private final boolean exact;
  private final Untrained untrained;
  private final float[] parameters;
  private float[] base;
  private long images;

  /**
   * Before its first round.
   *
   * @param learningRate of the images that the run has seen
   * @param exact whether a difference says what rounding took from it
   */
  public LocalSteps(Optimizer optimizer, LearningRate learningRate, boolean exact) {
    this(optimizer, learningRate, exact, List.of());
  }

  /** As above, with parts that keep their values whatever their gradient and the weight decay. */
  public LocalSteps(
      Optimizer optimizer, LearningRate learningRate, boolean exact, List<Range> untrained) {
    this.untrained = new Untrained(untrained);
    this.optimizer = optimizer;
    this.learningRate = learningRate;
    this.exact = exact;
    this.parameters = new float[optimizer.size()];
    this.base = parameters;
  }

  /**
   * Begins a round.
   *
   * @param from parameters to begin with, which must not be changed by anyone
   * @param imagesSeen images those were trained on
   */
  public void begin(float[] from, long imagesSeen) {
    Vectors.copy("parameters", from, parameters);
    base = from;
    images = imagesSeen;
  }

  /**
   * Takes a step at the learning rate of the images seen so far.
   *
   * @param gradient mean over the step's images
   * @param deltaImages images that the gradient was computed from
   */
  public void step(float[] gradient, long deltaImages) {
    untrained.keep(parameters, () -> optimizer.step(parameters, gradient, learningRate.at(images)));
    images += deltaImages;
  }

  /** The live parameters: not to be changed. */
  public float[] parameters() {
    return parameters;
  }

  /**
   * The parameters the round began with less the present ones. An exact difference is followed by
   * as many elements again, what rounding took from each: the sum of both is the difference itself,
   * since the error of one float32 subtraction is a float32.
   */
  public float[] difference() {
    int size = parameters.length;
    float[] difference = new float[exact ? 2 * size : size];
    for (int i = 0; i < size; i++) {
      difference[i] = base[i] - parameters[i];
    }
    if (exact) {
      for (int i = 0; i < size; i++) {
        difference[size + i] = lost(base[i], parameters[i], difference[i]);
      }
    }
    return difference;
  }

  /** Error of the rounded difference a - b (Knuth, TwoSum). */
  private static float lost(float a, float b, float rounded) {
    float b1 = rounded - a;
    float a1 = rounded - b1;
    return (a - a1) - (b + b1);
  }

  /** The second half of what {@link #difference} gave for so many parameters, if it has one. */
  public static float @Nullable [] rest(float[] difference, int size) {
    return difference.length == size ? null : Arrays.copyOfRange(difference, size, 2 * size);
  }
}
