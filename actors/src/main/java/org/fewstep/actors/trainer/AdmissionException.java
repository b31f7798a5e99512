package org.fewstep.actors.trainer;

/** The run does not want this trainer; trying again does not help. */
public final class AdmissionException extends RuntimeException {
  AdmissionException(String reason) {
    super(reason);
  }
}
