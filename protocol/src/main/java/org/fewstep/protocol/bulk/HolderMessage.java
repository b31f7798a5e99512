package org.fewstep.protocol.bulk;

import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.fewstep.protocol.TensorTicket;

/** What the actor behind a transport may be told. */
sealed interface HolderMessage
    permits HolderMessage.AskChunk,
        HolderMessage.Release,
        HolderMessage.Fetch,
        HolderMessage.LetGoOfWhatIsOver {

  /**
   * Credit for one chunk of a tensor.
   *
   * @param elements of the whole tensor, as the ticket says
   * @param first index of the chunk's first element
   * @param count elements of the chunk
   * @param replyTo gets the chunk
   */
  record AskChunk(
      String transferId, long elements, int first, int count, ActorRef<ReaderMessage> replyTo)
      implements HolderMessage {}

  /** Nobody will ask for the tensor any more. */
  record Release(String transferId) implements HolderMessage {}

  /** A tensor of another node is wanted here; never leaves this one. */
  record Fetch(TensorTicket ticket, CompletableFuture<float[]> result) implements HolderMessage {}

  /** Time has passed; never leaves this node. */
  record LetGoOfWhatIsOver() implements HolderMessage {}
}
