package org.fewstep.model.objective;

/**
 * Likeness of two particles as a function of q, their squared Euclidean distance (Zhou, Ermon,
 * Song, "Inductive Moment Matching", ICML 2025, sections 4.2, 5 and C.8).
 */
public sealed interface Kernel {
  /** Floor of q in the official code, 1e-4 on the distance. */
  double SQUARED_DISTANCE_FLOOR = 1e-8;

  /**
   * k(x, y).
   *
   * @param q sum of squared differences
   * @param inverseBandwidth b
   * @param dimensions numbers in a particle, D
   */
  double value(double q, double inverseBandwidth, int dimensions);

  /**
   * The factor s in {@code d k / d x = s (x - y)}.
   *
   * @param value {@link #value} of the same arguments
   */
  double slope(double q, double inverseBandwidth, int dimensions, double value);

  Kernel LAPLACE = new Laplace();
  Kernel RBF = new Rbf();

  /** The energy kernel, minus the squared distance: M = 1 makes consistency training of it. */
  Kernel ENERGY = new Minus(ImageDistance.SQUARED_L2);

  /** {@code exp(-b max(||x-y||, floor) / D)}; flat below the floor. */
  record Laplace() implements Kernel {
    @Override
    public double value(double q, double inverseBandwidth, int dimensions) {
      return Math.exp(
          -inverseBandwidth / dimensions * Math.sqrt(Math.max(q, SQUARED_DISTANCE_FLOOR)));
    }

    @Override
    public double slope(double q, double inverseBandwidth, int dimensions, double value) {
      return q >= SQUARED_DISTANCE_FLOOR
          ? -inverseBandwidth / dimensions * value / Math.sqrt(q)
          : 0;
    }
  }

  /** {@code exp(-b ||x-y||^2 / (2 D))}. */
  record Rbf() implements Kernel {
    @Override
    public double value(double q, double inverseBandwidth, int dimensions) {
      return Math.exp(-inverseBandwidth * q / (2.0 * dimensions));
    }

    @Override
    public double slope(double q, double inverseBandwidth, int dimensions, double value) {
      return -inverseBandwidth / dimensions * value;
    }
  }

  /** Minus a distance; it has no bandwidth. */
  record Minus(ImageDistance distance) implements Kernel {
    @Override
    public double value(double q, double inverseBandwidth, int dimensions) {
      return -distance.value(q, dimensions);
    }

    @Override
    public double slope(double q, double inverseBandwidth, int dimensions, double value) {
      return -distance.slope(q, dimensions);
    }
  }
}
