package org.fewstep.protocol;

import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;

/** What the admission of a run, where nodes ask for work, may be told. */
public sealed interface AdmissionMessage {

  /**
   * A node asks what the run is; answered by {@link NodeMessage.RunOffer}, {@link
   * NodeMessage.TurnedAway} or {@link NodeMessage.RunEnded}. Asking again does no harm.
   *
   * @param node its name, which no other node of the run may have
   * @param owner of the node, who starts it again under the same name once it has died
   * @param protocolVersion that the node speaks
   * @param codeVersion of the node's program
   */
  record AskRun(
      String node,
      String owner,
      int protocolVersion,
      String codeVersion,
      ActorRef<NodeMessage> replyTo)
      implements AdmissionMessage, WireMessage {}

  /** A node answers {@link NodeMessage.AskPresence}: it takes part and means to go on. */
  record Present(ActorRef<NodeMessage> node) implements AdmissionMessage, WireMessage {}

  /**
   * Ends the run after a checkpoint of what has been applied; answered by {@link
   * NodeMessage.RunStopping}, then, at the end, by {@link NodeMessage.RunEnded}. Asking again does
   * no harm.
   */
  record AskStop(ActorRef<NodeMessage> replyTo) implements AdmissionMessage, WireMessage {}

  /** What never leaves the admission's JVM. */
  non-sealed interface Local extends AdmissionMessage, NoSerializationVerificationNeeded {}
}
