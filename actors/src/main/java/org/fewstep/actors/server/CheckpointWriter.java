package org.fewstep.actors.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.optim.Snapshot;
import org.fewstep.protocol.EvaluationSchedule;

/** Saves states that nobody else holds. Called by one thread at a time. */
@FunctionalInterface
public interface CheckpointWriter {
  /**
   * Writes a whole checkpoint or none. Called for each version at most once in a run.
   *
   * @return where it lies
   * @throws org.fewstep.config.UserException if the disk refuses, which the run can outlive
   */
  Path write(ParameterSet.State state) throws IOException;

  /**
   * Keeps parameters that are about to be evaluated, so that the evaluation can be made up for when
   * the process ends before it is done. Called before any checkpoint of the same or a later version
   * is written.
   *
   * @param due by which entries
   */
  default void owe(Snapshot parameters, EvaluationSchedule due) throws IOException {}

  /** The newest whole state that was saved before so many images, nothing if there is none. */
  default Optional<ParameterSet.State> newestBefore(long images) throws IOException {
    return Optional.empty();
  }
}
