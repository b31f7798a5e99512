package org.fewstep.protocol.bulk;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.fewstep.protocol.TensorTicket;

/** Hands tensors over inside one JVM, without a copy. */
public final class LocalBulkTransport implements BulkTransport {
  private final AtomicLong transfers = new AtomicLong();
  private final Map<String, float[]> offered = new ConcurrentHashMap<>();

  @Override
  public TensorTicket offer(float[] tensor) {
    String transferId = "local-" + transfers.incrementAndGet();
    offered.put(transferId, tensor);
    return new TensorTicket(transferId, tensor.length);
  }

  @Override
  public CompletionStage<float[]> fetch(TensorTicket ticket) {
    float[] tensor = offered.get(ticket.transferId());
    if (tensor == null) {
      return CompletableFuture.failedFuture(
          new TransferFailedException("tensor " + ticket.transferId() + " was released"));
    }
    if (tensor.length != ticket.elements()) {
      return CompletableFuture.failedFuture(
          new TransferFailedException(
              "tensor %s holds %d elements, its ticket says %d"
                  .formatted(ticket.transferId(), tensor.length, ticket.elements())));
    }
    return CompletableFuture.completedFuture(tensor);
  }

  @Override
  public void release(TensorTicket ticket) {
    offered.remove(ticket.transferId());
  }

  /** Number of tensors offered and not released. */
  public int held() {
    return offered.size();
  }
}
