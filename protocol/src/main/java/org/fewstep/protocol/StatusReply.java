package org.fewstep.protocol;

/** Answers {@link CoordinatorMessage.GetStatus}. */
public sealed interface StatusReply {

  /** The run's status as one JSON object. */
  record Status(String json) implements StatusReply, WireMessage {}
}
