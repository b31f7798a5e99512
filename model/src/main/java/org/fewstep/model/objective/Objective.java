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
   * Takes over what is published with the model's own parameters: those of a set that is trained in
   * turn with them, or their average.
   *
   * @param parameters published together: the model's own are the first {@code from}
   * @throws IllegalStateException if this objective needs no others
   */
  default void loadCompanion(float[] parameters, int from) {
    throw new IllegalStateException(
        "%d parameters too many for an objective that needs the model's own alone"
            .formatted(parameters.length - from));
  }
}
