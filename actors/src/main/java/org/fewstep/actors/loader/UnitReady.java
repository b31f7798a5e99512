package org.fewstep.actors.loader;

import org.fewstep.model.data.Unit;
import org.fewstep.protocol.TrainerMessage;

/**
 * A unit for a trainer of the loader's own JVM.
 *
 * @param baseVersion the version of the parameters at which it is to be computed
 * @param waitedNanos how long its trainer waited for nothing but the unit to be read
 */
public record UnitReady(Unit unit, long baseVersion, long waitedNanos)
    implements TrainerMessage.Local {}
