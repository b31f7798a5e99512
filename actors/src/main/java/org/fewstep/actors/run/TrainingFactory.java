package org.fewstep.actors.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.fewstep.actors.server.CheckpointWriter;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.optim.Snapshot;
import org.fewstep.protocol.EvaluationSchedule;

/**
 * What a run trains. Each actor asks for its part once, on its own thread; what they throw ends the
 * run, a learner's failure after a few restarts.
 */
public interface TrainingFactory extends WorkParts {
  /**
   * The parameters, on the server's thread. A set that is not at version 0 makes the run go on from
   * there.
   */
  ParameterSet newParameterSet();

  /** Name of the tensor that holds an element of the parameter vector. */
  String tensorAt(int element);

  /**
   * Parameters of tracks whose evaluation an earlier process of the run did not end; they are
   * evaluated first.
   */
  default List<Owed> owedEvaluations() {
    return List.of();
  }

  /**
   * Parameters that are still to be evaluated.
   *
   * @param due by which entries
   */
  record Owed(Snapshot parameters, EvaluationSchedule due) {}

  /** Where the run writes, if it writes anywhere. */
  default Optional<Path> folder() {
    return Optional.empty();
  }

  /** What saves. */
  CheckpointWriter newCheckpointWriter();
}
