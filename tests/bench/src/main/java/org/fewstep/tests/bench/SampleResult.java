package org.fewstep.tests.bench;

/**
 * Sampling, ours and libtorch's.
 *
 * @param parameters of the network
 * @param batch images drawn at once
 * @param steps network calls
 * @param threads of each side
 * @param sampling a batch, from noise to images
 * @param error of libtorch's images against ours, relative to the largest value
 * @param oursPeakMib most memory of our process, Java included
 * @param libtorchPeakMib most memory of the other process, Java included
 */
public record SampleResult(
    int parameters,
    int batch,
    int steps,
    int threads,
    Rounds sampling,
    double error,
    double oursPeakMib,
    double libtorchPeakMib) {
  /** Whether both sides draw the same images. */
  public boolean agrees() {
    return error <= StepResult.TOLERANCE;
  }
}
