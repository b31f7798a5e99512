package org.fewstep.actors.loader;

import org.fewstep.model.data.Unit;
import org.fewstep.protocol.TrainerMessage;

/**
 * A unit for a trainer of the loader's own JVM.
 *
 * @param baseVersion the version of the parameters at which it is to be computed, or {@link
 *     org.fewstep.protocol.LoaderMessage.LeaseGranted#ANY_VERSION}
 * @param waitedNanos how long its trainer waited for nothing but the unit to be read
 * @param unitsLeft units that follow it in the same round
 */
public record UnitReady(Unit unit, long baseVersion, long waitedNanos, int unitsLeft)
    implements TrainerMessage.Local {
  /** A unit that stands alone. */
  public UnitReady(Unit unit, long baseVersion, long waitedNanos) {
    this(unit, baseVersion, waitedNanos, 0);
  }
}
