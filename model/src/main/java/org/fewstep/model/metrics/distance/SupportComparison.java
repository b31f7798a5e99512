package org.fewstep.model.metrics.distance;

import java.util.Arrays;

/**
 * How the supports of real and generated images lie to each other. Higher is better throughout.
 *
 * <ul>
 *   <li>Improved precision and recall (Kynkaanniemi et al. 2019, arXiv 1904.06991): the share of
 *       generated vectors within the ball of some real one, whose radius reaches its 3rd nearest
 *       other, border included; and the same with the roles exchanged.
 *   <li>Density and coverage (Naeem et al. 2020, arXiv 2002.09797), with the 5th nearest other,
 *       border excluded: the number of real balls around a generated vector, over 5; and the share
 *       of real vectors with a generated one in their ball.
 *   <li>Authenticity (Alaa et al. 2022, arXiv 2102.08921): the share of generated vectors that are
 *       no nearer to their nearest real one than that is to its own nearest other. What is copied
 *       from the training images lies nearer; held-out real images tell what to expect.
 * </ul>
 *
 * @param nearest for each generated vector the index of the nearest real one
 * @param nearestDistances and how far it is
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SupportComparison(
    double precision,
    double recall,
    double density,
    double coverage,
    double authenticity,
    int[] nearest,
    double[] nearestDistances) {
  /** Which neighbour a ball reaches to in precision and recall. */
  public static final int PRECISION_NEIGHBOUR = 3;

  /** Which neighbour a ball reaches to in density and coverage. */
  public static final int DENSITY_NEIGHBOUR = 5;

  /** Fewest vectors that have all those neighbours. */
  public static final int MIN_ROWS = DENSITY_NEIGHBOUR + 1;

  /** With the customary neighbours. */
  public static SupportComparison of(Neighbourhoods real, FeatureRows generated) {
    return of(
        real,
        Neighbourhoods.of(generated, PRECISION_NEIGHBOUR),
        PRECISION_NEIGHBOUR,
        DENSITY_NEIGHBOUR);
  }

  /**
   * Compares; real's neighbourhoods must reach to both k, those of the generated to the first.
   *
   * @param precisionK which neighbour a ball reaches to in precision and recall
   * @param densityK which neighbour a ball reaches to in density and coverage
   * @return all NaN when a vector is not finite
   */
  public static SupportComparison of(
      Neighbourhoods real, Neighbourhoods generated, int precisionK, int densityK) {
    int n = real.rows().count();
    int m = generated.rows().count();
    int[] nearest = new int[m];
    double[] nearestSquared = new double[m];
    Arrays.fill(nearestSquared, Double.POSITIVE_INFINITY);
    if (!real.rows().isFinite() || !generated.rows().isFinite()) {
      Arrays.fill(nearestSquared, Double.NaN);
      double nan = Double.NaN;
      return new SupportComparison(nan, nan, nan, nan, nan, nearest, nearestSquared);
    }
    boolean[] insideReal = new boolean[m];
    boolean[] insideGenerated = new boolean[n];
    boolean[] covered = new boolean[n];
    long[] balls = new long[1];
    SquaredDistances.forEach(
        real.rows(),
        generated.rows(),
        (i, from, count, squared) -> {
          double wide = real.squaredRadius(i, precisionK);
          double dense = real.squaredRadius(i, densityK);
          for (int c = 0; c < count; c++) {
            int j = from + c;
            insideReal[j] |= squared[c] <= wide;
            insideGenerated[i] |= squared[c] <= generated.squaredRadius(j, precisionK);
            if (squared[c] < dense) {
              balls[0]++;
              covered[i] = true;
            }
            if (squared[c] < nearestSquared[j]) {
              nearestSquared[j] = squared[c];
              nearest[j] = i;
            }
          }
        });
    int authentic = 0;
    for (int j = 0; j < m; j++) {
      authentic += nearestSquared[j] > real.squaredRadius(nearest[j], 1) ? 1 : 0;
    }
    return new SupportComparison(
        share(insideReal),
        share(insideGenerated),
        balls[0] / ((double) densityK * m),
        share(covered),
        authentic / (double) m,
        nearest,
        Arrays.stream(nearestSquared).map(Math::sqrt).toArray());
  }

  /** Median distance from a generated vector to the nearest real one. */
  public double medianNearestDistance() {
    double[] sorted = nearestDistances.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static double share(boolean[] flags) {
    int set = 0;
    for (boolean flag : flags) {
      set += flag ? 1 : 0;
    }
    return set / (double) flags.length;
  }
}
