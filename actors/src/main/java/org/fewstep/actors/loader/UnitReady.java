package org.fewstep.actors.loader;

import org.fewstep.model.data.Unit;
import org.fewstep.protocol.LoaderMessage.LeaseGranted;
import org.fewstep.protocol.TrainerMessage;

/**
 * A unit for a trainer of the loader's own JVM.
 *
 * @param baseVersion the version of the parameters at which it is to be computed, or {@link
 *     org.fewstep.protocol.LoaderMessage.LeaseGranted#ANY_VERSION}
 * @param delay versions from that one to the one that the unit's update starts from
 * @param waitedNanos how long its trainer waited for nothing but the unit to be read
 * @param unitsLeft units that follow it in the same round
 */
public record UnitReady(Unit unit, long baseVersion, int delay, long waitedNanos, int unitsLeft)
    implements TrainerMessage.Local {
  /** A unit that stands alone, and whose update starts from its own version. */
  public UnitReady(Unit unit, long baseVersion, long waitedNanos) {
    this(unit, baseVersion, 0, waitedNanos, 0);
  }

  /** Whether its update has been made, once this version has. */
  public boolean isGone(long version) {
    return baseVersion != LeaseGranted.ANY_VERSION && baseVersion + delay < version;
  }
}
