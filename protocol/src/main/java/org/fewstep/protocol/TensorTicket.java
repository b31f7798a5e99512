package org.fewstep.protocol;

/**
 * Stands in a message for a tensor that waits with its sender's {@link
 * org.fewstep.protocol.bulk.BulkTransport}.
 *
 * @param transferId opaque; the transport that offered the tensor finds it by this
 * @param elements length of the tensor
 */
public record TensorTicket(String transferId, long elements) {}
