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
}
