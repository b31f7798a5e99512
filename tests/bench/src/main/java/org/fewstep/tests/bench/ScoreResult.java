package org.fewstep.tests.bench;

/**
 * A part of scoring on both sides.
 *
 * @param what forward of Inception, or the distance
 * @param against whose the other side is
 * @param batch images at once, 0 where there are none
 * @param error largest difference of the results, relative to the largest value
 */
public record ScoreResult(
    String what, String against, int batch, int threads, Rounds rounds, double error) {
  /** How far apart results may be: sums of float32 in another order. */
  public static final double TOLERANCE = 1e-4;

  /** Whether both sides computed the same. */
  public boolean agrees() {
    return error <= TOLERANCE;
  }
}
