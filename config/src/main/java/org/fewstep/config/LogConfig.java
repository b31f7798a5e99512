package org.fewstep.config;

/**
 * How often a run reports.
 *
 * @param tickImages images between two lines of statistics
 */
public record LogConfig(long tickImages) {
  public LogConfig {
    Check.atLeast("tick-images", tickImages, 1);
  }
}
