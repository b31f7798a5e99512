package org.fewstep.config;

/** Where a sampler's steps end: evenly in t, or evenly in eta to the power 1/7. */
public enum TimeGrid {
  UNIFORM,
  EDM
}
