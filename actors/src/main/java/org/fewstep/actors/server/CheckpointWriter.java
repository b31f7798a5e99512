package org.fewstep.actors.server;

import java.io.IOException;
import java.nio.file.Path;
import org.fewstep.model.optim.ParameterSet;

/** Saves a state that nobody else holds. */
@FunctionalInterface
public interface CheckpointWriter {
  /**
   * Writes a whole checkpoint or none. Called by one thread at a time, for each version at most
   * once in a run.
   *
   * @return where it lies
   */
  Path write(ParameterSet.State state) throws IOException;
}
