package org.fewstep.protocol;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a trainer tells of one unit of work.
 *
 * @param loss mean over the unit
 * @param modelKernel mean kernel between particles of the model
 * @param targetKernel mean kernel between particles of the target
 * @param crossKernel mean kernel between both
 * @param gradientNorm Euclidean norm of the unit's gradient
 * @param computeSeconds time spent on the gradient
 * @param waitingSeconds time since the previous unit that was not spent on a gradient
 * @param forwardSeconds part of {@code computeSeconds} in the network, towards its output
 * @param backwardSeconds part of {@code computeSeconds} in the network, towards its gradient
 * @param idleSeconds part of {@code waitingSeconds} without a unit in hand
 * @param dataSeconds part of {@code idleSeconds} in which a unit to compute was not read yet
 */
public record UnitReport(
    double loss,
    double modelKernel,
    double targetKernel,
    double crossKernel,
    double gradientNorm,
    double computeSeconds,
    double waitingSeconds,
    double forwardSeconds,
    double backwardSeconds,
    double idleSeconds,
    double dataSeconds) {
  /** What several units, at least one, tell together: the means, and the sums of the times. */
  public static UnitReport ofAll(List<UnitReport> units) {
    return new UnitReport(
        mean(units, UnitReport::loss),
        mean(units, UnitReport::modelKernel),
        mean(units, UnitReport::targetKernel),
        mean(units, UnitReport::crossKernel),
        mean(units, UnitReport::gradientNorm),
        sum(units, UnitReport::computeSeconds),
        sum(units, UnitReport::waitingSeconds),
        sum(units, UnitReport::forwardSeconds),
        sum(units, UnitReport::backwardSeconds),
        sum(units, UnitReport::idleSeconds),
        sum(units, UnitReport::dataSeconds));
  }

  private static double mean(List<UnitReport> units, ToDoubleFunction<UnitReport> part) {
    return sum(units, part) / units.size();
  }

  private static double sum(List<UnitReport> units, ToDoubleFunction<UnitReport> part) {
    return units.stream().mapToDouble(part).sum();
  }

  /** Of a trainer that does not say how its time splits further. */
  public UnitReport(
      double loss,
      double modelKernel,
      double targetKernel,
      double crossKernel,
      double gradientNorm,
      double computeSeconds,
      double waitingSeconds) {
    this(
        loss,
        modelKernel,
        targetKernel,
        crossKernel,
        gradientNorm,
        computeSeconds,
        waitingSeconds,
        0,
        0,
        0,
        0);
  }
}
