package org.fewstep.actors.evaluator;

import org.fewstep.protocol.EvaluationSchedule;

/** Draws and scores samples. It is made, used and closed on one thread. */
public interface Evaluations extends AutoCloseable {
  /**
   * Begins an evaluation; the one before it has ended.
   *
   * @param parameters to sample with; must not be changed
   * @param version of the parameters
   * @param images those parameters were trained on
   * @param track name of the EMA track
   * @param schedule how many samples, in how many steps, from which seed
   */
  EvaluationJob begin(
      float[] parameters, long version, long images, String track, EvaluationSchedule schedule)
      throws Exception;

  @Override
  default void close() {}
}
