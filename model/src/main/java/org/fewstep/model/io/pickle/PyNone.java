package org.fewstep.model.io.pickle;

/** Python's None. */
public enum PyNone {
  NONE
}
