package org.fewstep.actors.coordinator;

import java.nio.file.Path;
import java.util.List;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.SampleImages;
import org.fewstep.config.UserException;
import org.fewstep.model.metrics.Score;
import org.fewstep.protocol.EvaluationSchedule;

/**
 * Hears what a run does. Calls come from one thread at a time, in order, and hold up decisions, so
 * they must return soon. What a call throws ends the run.
 */
public interface RunListener {

  /** After every update. */
  default void onProgress(RunProgress progress) {}

  /** After every so many images, and at the end. */
  default void onTick(TickStatistics statistics) {}

  /**
   * A track was evaluated as an entry of the schedule says.
   *
   * @param version of the parameters
   * @param images those parameters were trained on
   * @param track name of the EMA track
   * @param scores none where only images were drawn
   */
  default void onScores(long version, long images, String track, List<Score> scores) {}

  /**
   * Samples of a part of an evaluation came in; not called from the thread of the other calls, but
   * before those that tell that the part is done.
   */
  default void onSamples(EvaluationPart part, SampleImages samples) {}

  /**
   * Every evaluation of a track that fell due at a version is done or cancelled: nobody needs its
   * parameters any more.
   */
  default void onTrackEvaluated(long version, long images, String track) {}

  /** An evaluation that had fallen due is not made, because somebody wants it so. */
  default void onEvaluationCancelled(long version, long images, String track, String entry) {}

  /**
   * Another evaluation schedule holds from now on, or the same one paused or resumed.
   *
   * @param images seen so far
   */
  default void onScheduleReplaced(EvaluationSchedule schedule, long images) {}

  /**
   * The management port is open; not called from the thread of the other calls.
   *
   * @param address such as {@code http://127.0.0.1:7626}
   */
  default void onManagement(String address) {}

  /** A checkpoint lies complete at a path. */
  default void onCheckpoint(long version, long images, Path path) {}

  /**
   * A checkpoint could not be written. A listener that returns lets the run go on.
   *
   * @param reason a sentence for the user
   * @param last whether nothing will be saved after it
   */
  default void onCheckpointFailed(long version, long images, String reason, boolean last) {
    throw new UserException(reason);
  }

  /** An update was left out. */
  default void onLeftOut(LeftOut leftOut) {}

  /** A trainer takes part from now on. */
  default void onTrainerJoined(String trainer, long incarnation) {}

  /**
   * The node of a trainer that takes part does not answer, or answers again. While it does not,
   * what it worked on is given to others.
   */
  default void onTrainerReachable(String trainer, boolean reachable) {}

  /** An evaluator on another node takes part from now on. */
  default void onEvaluatorJoined(String evaluator) {}

  /** An evaluator does not take part any more; what it worked on is given to others. */
  default void onEvaluatorLeft(String evaluator) {}

  /** A trainer does not take part any more; what it worked on is given to others. */
  default void onTrainerLeft(String trainer, long incarnation) {}
}
