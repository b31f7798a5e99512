package org.fewstep.protocol;

import org.apache.pekko.actor.NoSerializationVerificationNeeded;

/** What a trainer may be told. */
public sealed interface TrainerMessage {

  /**
   * The trainer belongs to the run.
   *
   * @param epoch counts the lives of the parameters
   */
  record Admitted(long epoch) implements TrainerMessage, WireMessage {}

  /** The trainer must not take part. */
  record Refused(String reason) implements TrainerMessage, WireMessage {}

  /**
   * Parameters of one version, the same for everyone who fetches them.
   *
   * @param images images those parameters were trained on
   */
  record Snapshot(long epoch, long version, long images, TensorTicket parameters)
      implements TrainerMessage, WireMessage {}

  /** What became of the push of a round. */
  record PushAck(long round, Verdict verdict) implements TrainerMessage, WireMessage {}

  /** What never leaves the trainer's JVM: units of images among it. */
  non-sealed interface Local extends TrainerMessage, NoSerializationVerificationNeeded {}
}
