package org.fewstep.actors.loader;

import org.fewstep.model.data.Unit;

/** Where a loader's units come from. */
@FunctionalInterface
public interface UnitSource {
  /** Reads a unit; what it holds depends on its index alone. May block. */
  Unit read(long index);
}
