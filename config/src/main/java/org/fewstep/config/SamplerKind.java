package org.fewstep.config;

/**
 * How prior noise becomes an image in several steps: each step from where the last one ended, or
 * each step to the data and back to the next time with fresh noise.
 */
public enum SamplerKind {
  PUSHFORWARD,
  RESTART
}
