package org.fewstep.model.interpolant;

/** What the network's second time embedding is given. */
public enum SecondTime {
  /** The target time s. */
  TARGET,
  /** The distance t - s, which low precision resolves better. */
  GAP
}
