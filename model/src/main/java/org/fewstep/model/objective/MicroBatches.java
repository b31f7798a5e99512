package org.fewstep.model.objective;

import java.util.Objects;
import org.fewstep.model.data.Unit;

/**
 * An objective that computes a unit in several passes of few images, for a network whose memory for
 * a whole unit is not there. Loss and gradient of a unit are means over its images, so they are
 * those of the passes, weighted by their images and summed in the order of the unit; only rounding
 * to float32 differs from one pass.
 *
 * <p>An instance belongs to one thread.
 */
public final class MicroBatches implements Objective {
  private final Objective objective;
  private final int images;
  private float[] ofPass = new float[0];

  /**
   * @param objective whose loss is a mean over an image's or a group's own values, and which draws
   *     what is random by {@link NoisedUnit}
   * @param images in a pass at most; whole groups
   */
  public MicroBatches(Objective objective, int images) {
    if (images < 1) {
      throw new IllegalArgumentException("a pass of " + images + " images");
    }
    this.objective = objective;
    this.images = images;
  }

  @Override
  public UnitStatistics evaluate(Unit unit, float[] gradient) {
    int count = unit.count();
    if (count <= images) {
      return objective.evaluate(unit, gradient);
    }
    if (ofPass.length != gradient.length) {
      ofPass = new float[gradient.length];
    }
    UnitStatistics sum = null;
    for (int from = 0; from < count; from += images) {
      int to = Math.min(from + images, count);
      double share = (double) (to - from) / count;
      float[] part = sum == null ? gradient : ofPass;
      UnitStatistics statistics = objective.evaluate(unit.part(from, to), part).times(share);
      addShare(part, (float) share, gradient);
      sum = sum == null ? statistics : sum.plus(statistics);
    }
    return Objects.requireNonNull(sum);
  }

  @Override
  public void loadCompanion(float[] parameters, int from) {
    objective.loadCompanion(parameters, from);
  }

  /** {@code gradient += share * part}, or {@code gradient *= share} where both are one array. */
  private static void addShare(float[] part, float share, float[] gradient) {
    if (part == gradient) {
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= share;
      }
    } else {
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += share * part[i];
      }
    }
  }
}
