package org.fewstep.deploy.train;

import java.util.List;
import org.fewstep.model.checkpoint.Recovery.OwedTrack;
import org.fewstep.model.optim.ParameterSet;
import org.jspecify.annotations.Nullable;

/**
 * Where a run goes on from.
 *
 * @param state null for the beginning
 * @param images that had been seen
 * @param seconds that the run had trained for
 * @param owed parameters whose evaluation was interrupted
 */
record RunStart(
    ParameterSet.@Nullable State state, long images, double seconds, List<OwedTrack> owed) {
  static final RunStart BEGINNING = new RunStart(null, 0, 0, List.of());
}
