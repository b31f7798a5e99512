package org.fewstep.protocol.bulk;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;

/**
 * Carries tensors beside the messages. Safe for several threads.
 *
 * <p>A ticket is good for any number of fetches until it is released. A tensor meant for one reader
 * is released by that reader once it has it; one that many may read is released by its owner. An
 * offered or fetched array must not be changed by anyone: it may be shared.
 *
 * <p>The codec decides what readers see, wherever they are: a tensor offered as bfloat16 is rounded
 * also for readers in the owner's own JVM, so that results do not depend on placement.
 */
public interface BulkTransport {

  /** Holds a tensor ready to be fetched against the ticket, with every bit kept. */
  default TensorTicket offer(float[] tensor) {
    return offer(tensor, TensorCodec.FLOAT32);
  }

  /** Holds a tensor ready to be fetched against the ticket until it is released. */
  TensorTicket offer(float[] tensor, TensorCodec codec);

  /**
   * Holds a tensor ready for a reader who may die before releasing it: it is let go of once nobody
   * has asked for any part of it for that long. To its readers it was released then.
   *
   * @param timeToLive longer than it takes a reader to learn of the ticket and to begin
   */
  TensorTicket offer(float[] tensor, TensorCodec codec, Duration timeToLive);

  /**
   * Brings a tensor here. The stage ends in any case: with the tensor, or with a {@link
   * TransferFailedException} when it was released, is not as long as its ticket says, or did not
   * come in time.
   */
  CompletionStage<float[]> fetch(TensorTicket ticket);

  /** Lets go of an offered tensor; a ticket that is not valid any more is left as it is. */
  void release(TensorTicket ticket);
}
