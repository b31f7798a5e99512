package org.fewstep.deploy.train;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What an objective's toy preset must reach.
 *
 * @param preset its name
 * @param steps sampling steps
 * @param mmd largest squared MMD of 2000 samples
 * @param moments largest error of mean and covariance, as {@link MixtureMoments} has it; empty
 *     where only the squared MMD counts
 */
public record ToyBound(String preset, int steps, double mmd, OptionalDouble moments) {
  /**
   * Twice what a run of each preset gave, or more. 2000 true points give -0.0002, true points
   * blurred by 0.2 give 0.014, uniform ones 0.026, one Gaussian 0.034.
   */
  public static final List<ToyBound> ALL =
      List.of(
          new ToyBound("toy-imm", 2, 0.013),
          new ToyBound("toy-flow-matching", 32, 0.009),
          new ToyBound("toy-diffusion", 32, 0.009),
          new ToyBound("toy-edm", 16, 0.004),
          new ToyBound("toy-consistency", 2, 0.02),
          new ToyBound("toy-shortcut", 4, 0.014),
          new ToyBound("toy-moment-matching-alternating", 8, 0.001, OptionalDouble.of(0.04)),
          new ToyBound("toy-moment-matching-instant", 8, 0.001, OptionalDouble.of(0.04)));

  private ToyBound(String preset, int steps, double mmd) {
    this(preset, steps, mmd, OptionalDouble.empty());
  }
}
