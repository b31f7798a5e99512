package org.fewstep.protocol;

/** What was decided about a push. All but {@link #ACCEPTED} leave the parameters alone. */
public enum Verdict {
  /** It is part of the coming version. */
  ACCEPTED,
  /** The same push, or another push of the same unit, was decided before. */
  DUPLICATE,
  /** It was computed at a version that is gone. */
  STALE,
  /** It was computed at parameters of another life of the parameter server. */
  WRONG_EPOCH,
  /** Its unit is not part of the update it claims to serve. */
  WRONG_UNIT,
  /** Its gradient holds a NaN or an infinity. */
  NOT_FINITE,
  /** Its tensor could not be fetched; the unit is given to somebody once more. */
  NOT_ARRIVED,
  /** Its trainer was not admitted to the run. */
  NOT_ADMITTED
}
