package org.fewstep.model.objective;

/**
 * What is reported of one unit.
 *
 * @param loss mean over the unit
 * @param modelKernel mean kernel between particles of the model, k(y, y); NaN for an objective
 *     without kernels, like the next two
 * @param targetKernel mean kernel between particles of the target, k(z, z)
 * @param crossKernel mean kernel between both, k(y, z)
 */
public record UnitStatistics(
    double loss, double modelKernel, double targetKernel, double crossKernel) {
  /** Of an objective without kernels. */
  public static UnitStatistics ofLoss(double loss) {
    return new UnitStatistics(loss, Double.NaN, Double.NaN, Double.NaN);
  }

  /** With every number multiplied. */
  UnitStatistics times(double factor) {
    return new UnitStatistics(
        factor * loss, factor * modelKernel, factor * targetKernel, factor * crossKernel);
  }

  /** With every number added to the other's. */
  UnitStatistics plus(UnitStatistics other) {
    return new UnitStatistics(
        loss + other.loss,
        modelKernel + other.modelKernel,
        targetKernel + other.targetKernel,
        crossKernel + other.crossKernel);
  }
}
