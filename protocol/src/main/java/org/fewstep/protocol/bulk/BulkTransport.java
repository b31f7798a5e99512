package org.fewstep.protocol.bulk;

import java.util.concurrent.CompletionStage;
import org.fewstep.protocol.TensorTicket;

/**
 * Carries tensors beside the messages. Safe for several threads.
 *
 * <p>A ticket is good for any number of fetches until it is released. A tensor meant for one reader
 * is released by that reader once it has it; one that many may read is released by its owner. An
 * offered or fetched array must not be changed by anyone: it may be shared.
 */
public interface BulkTransport {

  /** Holds a tensor ready to be fetched against the ticket. */
  TensorTicket offer(float[] tensor);

  /**
   * Brings a tensor here. The stage ends in any case: with the tensor, or with a {@link
   * TransferFailedException} when it was released, is not as long as its ticket says, or did not
   * come in time.
   */
  CompletionStage<float[]> fetch(TensorTicket ticket);

  /** Lets go of an offered tensor; a ticket that is not valid any more is left as it is. */
  void release(TensorTicket ticket);
}
