package org.fewstep.protocol;

import java.util.Map;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;

/** What a node that works for a run may be told. */
public sealed interface NodeMessage {

  /**
   * Everything that a node needs to work for a run.
   *
   * @param run name for people
   * @param settings of the run, all of them, as HOCON
   * @param modelHash of the network's tensors and of everything that shapes the objective
   * @param dataFingerprint of the run's data set
   * @param evaluationChecksums of the files that evaluations depend on, by the settings that name
   *     them
   * @param codec how gradients travel
   * @param localStepUnits units of a trainer's own step, 0 where trainers push gradients
   */
  record RunOffer(
      String run,
      String settings,
      String modelHash,
      String dataFingerprint,
      Map<String, String> evaluationChecksums,
      TensorCodec codec,
      int localStepUnits,
      ActorRef<CoordinatorMessage> coordinator,
      ActorRef<ServerMessage> server)
      implements NodeMessage, WireMessage {
    public RunOffer {
      evaluationChecksums = Map.copyOf(evaluationChecksums);
    }
  }

  /**
   * Another node wants this one's name; answered by {@link AdmissionMessage.Present}, unless it is
   * about to be free.
   */
  record AskPresence(ActorRef<AdmissionMessage> replyTo) implements NodeMessage, WireMessage {}

  /**
   * The node must not take part.
   *
   * @param reason a sentence for the user
   */
  record TurnedAway(String reason) implements NodeMessage, WireMessage {}

  /**
   * The run will be over soon.
   *
   * @param run name for people
   */
  record RunStopping(String run) implements NodeMessage, WireMessage {}

  /**
   * The run is over, and the node's work with it.
   *
   * @param images that the run has seen
   * @param stopped whether it was told to end before its length was reached
   * @param failure why it failed, a sentence for the user; empty if it did not
   */
  record RunEnded(long images, boolean stopped, String failure)
      implements NodeMessage, WireMessage {}

  /** What never leaves the node's JVM. */
  non-sealed interface Local extends NodeMessage, NoSerializationVerificationNeeded {}
}
