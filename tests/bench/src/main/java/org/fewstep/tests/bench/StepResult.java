package org.fewstep.tests.bench;

/**
 * The network's part of a training step, ours and libtorch's.
 *
 * @param parameters of the network
 * @param batch images
 * @param threads of each side
 * @param forward output alone
 * @param step output and gradient
 * @param forwardFlops floating point operations of the products in a forward
 * @param sgemmFlopsPerSecond of our matrix product, taken between the rounds
 * @param outputError of libtorch's output against ours, relative to the largest value
 * @param gradientError the largest such of any parameter's gradient
 * @param oursPeakMib most memory of our process, Java included
 * @param libtorchPeakMib most memory of the other process, Java included
 */
public record StepResult(
    int parameters,
    int batch,
    int threads,
    Rounds forward,
    Rounds step,
    double forwardFlops,
    double sgemmFlopsPerSecond,
    double outputError,
    double gradientError,
    double oursPeakMib,
    double libtorchPeakMib) {
  /** How far both outputs may be apart. */
  public static final double TOLERANCE = 1e-4;

  private static final double STEP_OVER_FORWARD = 3;
  private static final double MILLIS_PER_SECOND = 1e3;

  /** Whether both sides compute the same function and the same gradient. */
  public boolean agrees() {
    return outputError <= TOLERANCE && gradientError <= TOLERANCE;
  }

  /** Speed of our step's products, over that of one large matrix product. */
  public double shareOfSgemm() {
    double seconds = step.oursMillis() / MILLIS_PER_SECOND;
    return STEP_OVER_FORWARD * forwardFlops / seconds / sgemmFlopsPerSecond;
  }
}
