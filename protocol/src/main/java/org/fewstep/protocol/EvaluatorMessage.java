package org.fewstep.protocol;

import org.apache.pekko.actor.NoSerializationVerificationNeeded;

/** What the evaluator may be told. */
public sealed interface EvaluatorMessage {

  /**
   * A track of exactly this version is to be evaluated. The evaluator fetches the tensor and
   * releases it.
   *
   * @param images images those parameters were trained on
   * @param track name of the EMA track
   * @param schedule how to evaluate
   */
  record EvaluateTrack(
      long version, long images, String track, EvaluationSchedule schedule, TensorTicket parameters)
      implements EvaluatorMessage, WireMessage {}

  /** What never leaves the evaluator's JVM. */
  non-sealed interface Local extends EvaluatorMessage, NoSerializationVerificationNeeded {}
}
