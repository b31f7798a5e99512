package org.fewstep.model.objective;

import org.fewstep.model.data.Unit;

/**
 * Loss of one unit of work and its gradient. It sees the model as a function, never a layer; all
 * its randomness is a function of the run's seed and the unit's index.
 */
public interface Objective {
  /**
   * Computes loss and gradient of a unit.
   *
   * @param gradient receives d loss / d parameters, overwritten; the loss is the mean over the unit
   */
  UnitStatistics evaluate(Unit unit, float[] gradient);

  /**
   * Takes over the parameters of a set that is trained in turn with the model's own.
   *
   * @param parameters published together: behind the first {@code from} the other set's
   * @throws IllegalStateException if this objective trains no other set
   */
  default void loadCompanion(float[] parameters, int from) {
    throw new IllegalStateException(
        "%d parameters too many for an objective of one set".formatted(parameters.length - from));
  }
}
