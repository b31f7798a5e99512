package org.fewstep.model.network;

import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;

/**
 * Names the dropout masks of one unit of work.
 *
 * @param first place in the unit of the first image of the batch
 */
public record DropoutKey(long seed, long unit, int first) {
  private static final int LAYER_BITS = 12;

  /** Of a whole unit. */
  public DropoutKey(long seed, long unit) {
    this(seed, unit, 0);
  }

  /** The stream of the mask of the network's {@code layer}-th dropout. */
  public CounterRandom stream(int layer) {
    if (layer < 0 || layer >= 1 << LAYER_BITS) {
      throw new IllegalArgumentException("dropout layer " + layer);
    }
    return CounterRandom.of(seed, Purpose.DROPOUT, (unit << LAYER_BITS) | layer);
  }
}
