package org.fewstep.config;

/**
 * When a run saves itself. The run's end is always saved.
 *
 * @param everyImages save each time so many images were seen; 0 for the end alone
 * @param keepLast newest checkpoints to keep
 */
public record CheckpointConfig(long everyImages, int keepLast) {
  public CheckpointConfig {
    Check.atLeast("every-images", everyImages, 0);
    Check.atLeast("keep-last", keepLast, 1);
  }
}
