package org.fewstep.model.objective;

/**
 * Squared maximum mean discrepancy between two sets of M particles, for each of several groups,
 * with its gradient (Zhou, Ermon, Song, "Inductive Moment Matching", ICML 2025, equations 12 and
 * 67).
 *
 * <p>With particles y_j of the model and z_j of the target, a group's value is {@code (1/M^2)
 * sum_jk [k(y_j,y_k) + k(z_j,z_k) - 2 k(y_j,z_k)]}: a V-statistic, the diagonal counts. The kernel
 * has the group's own inverse bandwidth b in all three terms.
 *
 * <p>Everything is float64: k lies within about 1e-2 of 1, and the value is a difference of such
 * numbers.
 */
public final class GroupedMmd {
  private final Kernel kernel;
  private final int groupSize;
  private final int dimensions;

  /** With Laplace's kernel. */
  public GroupedMmd(int groupSize, int dimensions) {
    this(Kernel.LAPLACE, groupSize, dimensions);
  }

  /**
   * @param groupSize particles in a group, M
   * @param dimensions numbers in a particle, D
   */
  public GroupedMmd(Kernel kernel, int groupSize, int dimensions) {
    if (groupSize < 1 || dimensions < 1) {
      throw new IllegalArgumentException("M = " + groupSize + ", D = " + dimensions);
    }
    this.kernel = kernel;
    this.groupSize = groupSize;
    this.dimensions = dimensions;
  }

  /**
   * Result for G groups.
   *
   * @param lossPerGroup weighted MMD^2, [G]
   * @param gradient of the MEAN of {@code lossPerGroup} with respect to y, [G*M*D]
   * @param modelKernel mean of k(y,y) over pairs and groups
   * @param targetKernel mean of k(z,z)
   * @param crossKernel mean of k(y,z)
   */
  public record Result(
      double[] lossPerGroup,
      double[] gradient,
      double modelKernel,
      double targetKernel,
      double crossKernel) {
    public double loss() {
      double sum = 0;
      for (double loss : lossPerGroup) {
        sum += loss;
      }
      return sum / lossPerGroup.length;
    }
  }

  /**
   * @param y particles of the model, [G*M*D]
   * @param z particles of the target, [G*M*D], constants
   * @param inverseBandwidth b of each group, [G]
   * @param weight factor of each group's value, [G]
   */
  public Result evaluate(double[] y, double[] z, double[] inverseBandwidth, double[] weight) {
    int groups = weight.length;
    int block = groupSize * dimensions;
    if (y.length != groups * block || z.length != y.length || inverseBandwidth.length != groups) {
      throw new IllegalArgumentException(
          "%d and %d numbers are not %d groups of %d particles with %d dimensions"
              .formatted(y.length, z.length, groups, groupSize, dimensions));
    }
    double[] loss = new double[groups];
    double[] gradient = new double[y.length];
    double modelKernel = 0;
    double targetKernel = 0;
    double crossKernel = 0;
    double pairs = (double) groupSize * groupSize;
    for (int g = 0; g < groups; g++) {
      // The mean over groups and over pairs, and the two places of y in k(y_j, y_k).
      double factor = weight[g] / (pairs * groups);
      Group group = new Group(y, z, g * block, inverseBandwidth[g], gradient);
      double yy = group.kernelSum(true, true, 2 * factor);
      double zz = group.kernelSum(false, false, 0);
      double yz = group.kernelSum(true, false, -2 * factor);
      loss[g] = weight[g] * (yy + zz - 2 * yz) / pairs;
      modelKernel += yy / (pairs * groups);
      targetKernel += zz / (pairs * groups);
      crossKernel += yz / (pairs * groups);
    }
    return new Result(loss, gradient, modelKernel, targetKernel, crossKernel);
  }

  private final class Group {
    private final double[] y;
    private final double[] z;
    private final int start;
    private final double inverseBandwidth;
    private final double[] gradient;

    Group(double[] y, double[] z, int start, double inverseBandwidth, double[] gradient) {
      this.y = y;
      this.z = z;
      this.start = start;
      this.inverseBandwidth = inverseBandwidth;
      this.gradient = gradient;
    }

    /**
     * Sum of k over all pairs; adds {@code gradientFactor} times its derivative with respect to the
     * first argument to the gradient, unless that is 0.
     */
    double kernelSum(boolean firstIsModel, boolean secondIsModel, double gradientFactor) {
      double[] a = firstIsModel ? y : z;
      double[] b = secondIsModel ? y : z;
      double sum = 0;
      for (int j = 0; j < groupSize; j++) {
        int aStart = start + j * dimensions;
        for (int k = 0; k < groupSize; k++) {
          int bStart = start + k * dimensions;
          double squared = squaredDistance(a, aStart, b, bStart);
          double likeness = kernel.value(squared, inverseBandwidth, dimensions);
          sum += likeness;
          double slope =
              gradientFactor == 0
                  ? 0
                  : kernel.slope(squared, inverseBandwidth, dimensions, likeness);
          if (slope != 0) {
            double scale = gradientFactor * slope;
            for (int d = 0; d < dimensions; d++) {
              gradient[aStart + d] += scale * (a[aStart + d] - b[bStart + d]);
            }
          }
        }
      }
      return sum;
    }

    private double squaredDistance(double[] a, int aStart, double[] b, int bStart) {
      double sum = 0;
      for (int d = 0; d < dimensions; d++) {
        double difference = a[aStart + d] - b[bStart + d];
        sum += difference * difference;
      }
      return sum;
    }
  }
}
