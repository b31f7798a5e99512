package org.fewstep.model.verify;

/**
 * Result of one comparison with golden values.
 *
 * @param set name of the golden set
 * @param name what was compared
 * @param maxRelativeError largest |ours - golden| over the largest |golden|, over all tensors
 * @param worst name of the tensor with that error
 */
public record Check(
    String set, String name, double maxRelativeError, double tolerance, String worst) {
  /** Whether it holds; not for NaN. */
  public boolean ok() {
    return maxRelativeError <= tolerance;
  }
}
