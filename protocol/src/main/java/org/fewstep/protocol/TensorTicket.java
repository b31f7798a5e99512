package org.fewstep.protocol;

/**
 * Stands in a message for a tensor that waits with its sender's {@link
 * org.fewstep.protocol.bulk.BulkTransport}.
 *
 * @param transferId opaque; the transport that offered the tensor finds it by this
 * @param elements length of the tensor
 * @param codec how its elements travel, and so what its readers see
 * @param holder opaque; the address of the transport that offered the tensor, empty if that is
 *     never left
 */
public record TensorTicket(String transferId, long elements, TensorCodec codec, String holder) {
  /** A tensor that stays in the JVM. */
  public TensorTicket(String transferId, long elements) {
    this(transferId, elements, TensorCodec.FLOAT32, "");
  }
}
