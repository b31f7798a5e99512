package org.fewstep.protocol.bulk;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.jspecify.annotations.Nullable;

/**
 * Hands tensors over inside one JVM; what loses nothing on the way is handed over without a copy.
 */
public final class LocalBulkTransport implements BulkTransport {
  private final TensorStore store = new TensorStore("local-", System::nanoTime);

  @Override
  public TensorTicket offer(float[] tensor, TensorCodec codec) {
    return hold(tensor, codec, null);
  }

  @Override
  public TensorTicket offer(float[] tensor, TensorCodec codec, Duration timeToLive) {
    return hold(tensor, codec, timeToLive);
  }

  private TensorTicket hold(float[] tensor, TensorCodec codec, @Nullable Duration timeToLive) {
    return new TensorTicket(store.hold(tensor, codec, timeToLive), tensor.length, codec, "");
  }

  @Override
  public CompletionStage<float[]> fetch(TensorTicket ticket) {
    try {
      return CompletableFuture.completedFuture(
          store.find(ticket.transferId(), ticket.elements()).seenByReaders());
    } catch (TransferFailedException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void release(TensorTicket ticket) {
    store.release(ticket.transferId());
  }

  /** Number of tensors offered and not released. */
  public int held() {
    return store.size();
  }
}
