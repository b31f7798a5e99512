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
 */
public record UnitReport(
    double loss,
    double modelKernel,
    double targetKernel,
    double crossKernel,
    double gradientNorm,
    double computeSeconds,
    double waitingSeconds) {}
