package org.fewstep.actors.loader;

import org.apache.pekko.actor.typed.ActorRef;
import org.fewstep.protocol.LoaderMessage;
import org.fewstep.protocol.TrainerMessage;

/**
 * A trainer has nothing to do and is done with the unit it had; answered by {@link UnitReady} once
 * there is one.
 */
public record RequestUnit(ActorRef<TrainerMessage> replyTo) implements LoaderMessage.Local {}
