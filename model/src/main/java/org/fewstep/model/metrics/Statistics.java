package org.fewstep.model.metrics;

import java.util.Arrays;

/**
 * Mean and covariance of a set of feature vectors of dimension d: all that a Frechet distance needs
 * to know of it.
 *
 * <p>The arrays are taken and given as they are (a covariance of 2048 features is 32 MiB): nobody
 * may write to them afterwards.
 *
 * @param count number of vectors the estimates come from; {@link #UNCOUNTED} where nobody said
 * @param mean [d]
 * @param covariance [d, d] row-major, symmetric, divisor count - 1
 */
@SuppressWarnings("ArrayRecordComponent") // compared by value below; copies would be large
public record Statistics(long count, double[] mean, double[] covariance) {

  /** The count of statistics from a file that does not tell it. */
  public static final long UNCOUNTED = 0;

  public Statistics {
    if (mean.length == 0 || covariance.length != (long) mean.length * mean.length) {
      throw new IllegalArgumentException(
          "a mean of "
              + mean.length
              + " features does not go with a covariance of "
              + covariance.length
              + " numbers");
    }
  }

  /** Length d of a feature vector. */
  public int dimensions() {
    return mean.length;
  }

  /** Whether the number of vectors is known. */
  public boolean isCounted() {
    return count != UNCOUNTED;
  }

  /** Whether there were too few vectors for a covariance of full rank. */
  public boolean isRankDeficient() {
    return isCounted() && count <= dimensions();
  }

  /** False when a feature vector held a NaN or an infinity, or an estimate overflowed. */
  public boolean isFinite() {
    return Arrays.stream(mean).allMatch(Double::isFinite)
        && Arrays.stream(covariance).allMatch(Double::isFinite);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Statistics that
        && count == that.count
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(covariance, that.covariance);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(count) + Arrays.hashCode(mean);
  }

  @Override
  public String toString() {
    return "Statistics of " + count + " vectors of " + mean.length + " features";
  }
}
