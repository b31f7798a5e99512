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

  /**
   * What became of the push of a round.
   *
   * @param nextVersion the lowest version that the trainer should go on from; 0 for any
   */
  record PushAck(long round, Verdict verdict, long nextVersion)
      implements TrainerMessage, WireMessage {
    /** To a trainer that may go on from any version. */
    public PushAck(long round, Verdict verdict) {
      this(round, verdict, 0);
    }
  }

  /** What never leaves the trainer's JVM: units of images among it. */
  non-sealed interface Local extends TrainerMessage, NoSerializationVerificationNeeded {}
}
