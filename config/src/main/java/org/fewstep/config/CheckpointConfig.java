package org.fewstep.config;

import java.util.OptionalInt;

/**
 * When a run saves itself, and what it keeps. The run's end is always saved.
 *
 * @param everyImages save each time so many images were seen; 0 for the end alone
 * @param keepLast newest checkpoints to keep
 * @param keepBest checkpoints with the best scores to keep beside them; 0 for none
 * @param bestScore the score that decides
 * @param bestSteps number of sampling steps whose score decides; empty for the last one evaluated
 */
public record CheckpointConfig(
    long everyImages,
    int keepLast,
    int keepBest,
    BestScore bestScore,
    OptionalInt bestSteps,
    OnFailure onFailure) {

  /** What a run does when the disk refuses its files. */
  public enum OnFailure {
    /** Goes on, and tries again with what comes next; only the last checkpoint must be written. */
    CONTINUE,
    /** Ends. */
    STOP
  }

  public CheckpointConfig {
    Check.atLeast("every-images", everyImages, 0);
    Check.atLeast("keep-last", keepLast, 1);
    Check.atLeast("keep-best", keepBest, 0);
  }
}
