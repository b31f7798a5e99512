package org.fewstep.actors.evaluator;

import java.util.List;
import org.fewstep.model.metrics.Score;
import org.jspecify.annotations.Nullable;

/** One part of an evaluation, cut into steps short enough to be asked and stopped between them. */
public interface EvaluationJob {
  /**
   * Does the next piece of work.
   *
   * @return whether more is left to do
   */
  boolean step() throws Exception;

  /** The scores, once no work is left; none where only images were drawn. */
  List<Score> scores();

  /** The samples to be looked at, once no work is left; null where none were asked for. */
  default @Nullable SampleImages shown() {
    return null;
  }
}
