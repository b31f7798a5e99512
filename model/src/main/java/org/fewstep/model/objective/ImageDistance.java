package org.fewstep.model.objective;

/** A distance of two images as a function of q, their squared Euclidean distance. */
public sealed interface ImageDistance {
  /**
   * The distance.
   *
   * @param q sum of squared differences
   * @param dimensions numbers in an image, D
   */
  double value(double q, int dimensions);

  /** The factor s in {@code d value / d x = s (x - y)}. */
  double slope(double q, int dimensions);

  ImageDistance SQUARED_L2 = new SquaredL2();
  ImageDistance L2 = new L2();

  /** Mean of the squared differences, q / D. */
  record SquaredL2() implements ImageDistance {
    @Override
    public double value(double q, int dimensions) {
      return q / dimensions;
    }

    @Override
    public double slope(double q, int dimensions) {
      return 2.0 / dimensions;
    }
  }

  /** The Euclidean distance; its gradient counts as zero where images are equal. */
  record L2() implements ImageDistance {
    @Override
    public double value(double q, int dimensions) {
      return Math.sqrt(q);
    }

    @Override
    public double slope(double q, int dimensions) {
      return q == 0 ? 0 : 1 / Math.sqrt(q);
    }
  }

  /**
   * {@code sqrt(q + c^2) - c} with {@code c = scale sqrt(D)} (Song, Dhariwal, "Improved techniques
   * for training consistency models", ICLR 2024, whose scale is 0.00054).
   */
  record PseudoHuber(double scale) implements ImageDistance {
    @Override
    public double value(double q, int dimensions) {
      double c = scale * Math.sqrt(dimensions);
      // Without the difference of two numbers that are nearly equal.
      return q / (Math.sqrt(q + c * c) + c);
    }

    @Override
    public double slope(double q, int dimensions) {
      return 1 / Math.sqrt(q + scale * scale * dimensions);
    }
  }
}
