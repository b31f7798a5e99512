package org.fewstep.protocol;

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
