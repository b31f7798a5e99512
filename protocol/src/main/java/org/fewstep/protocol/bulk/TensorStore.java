package org.fewstep.protocol.bulk;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.fewstep.protocol.TensorCodec;
import org.jspecify.annotations.Nullable;

/** The tensors that one transport holds ready. Safe for several threads. */
final class TensorStore {
  private final String prefix;
  private final LongSupplier nanoTime;
  private final AtomicLong transfers = new AtomicLong();
  private final Map<String, Held> held = new ConcurrentHashMap<>();

  /**
   * @param prefix of the names of its transfers
   * @param nanoTime the clock of {@link System#nanoTime}
   */
  TensorStore(String prefix, LongSupplier nanoTime) {
    this.prefix = prefix;
    this.nanoTime = nanoTime;
  }

  /** A tensor and what its readers see of it. */
  static final class Held {
    private final float[] tensor;
    private final TensorCodec codec;
    private final @Nullable Duration timeToLive;
    private volatile long lastUseNanos;

    private Held(
        float[] tensor, TensorCodec codec, @Nullable Duration timeToLive, long lastUseNanos) {
      this.tensor = tensor;
      this.codec = codec;
      this.timeToLive = timeToLive;
      this.lastUseNanos = lastUseNanos;
    }

    float[] seenByReaders() {
      return codec.seenByReaders(tensor);
    }

    TensorSlice slice(int first, int count) {
      return new TensorSlice(tensor, first, count, codec);
    }

    private boolean isOver(long now) {
      return timeToLive != null && now - lastUseNanos > timeToLive.toNanos();
    }
  }

  /** Holds a tensor and says under which name. */
  String hold(float[] tensor, TensorCodec codec, @Nullable Duration timeToLive) {
    letGoOfWhatIsOver();
    String transferId = prefix + transfers.incrementAndGet();
    held.put(transferId, new Held(tensor, codec, timeToLive, nanoTime.getAsLong()));
    return transferId;
  }

  /**
   * Finds a tensor for a reader.
   *
   * @param elements what the ticket says
   * @throws TransferFailedException if it was released or is not as long as the ticket says
   */
  Held find(String transferId, long elements) throws TransferFailedException {
    letGoOfWhatIsOver();
    Held found = held.get(transferId);
    if (found == null) {
      throw new TransferFailedException("tensor " + transferId + " was released");
    }
    if (found.tensor.length != elements) {
      throw new TransferFailedException(
          "tensor %s holds %d elements, its ticket says %d"
              .formatted(transferId, found.tensor.length, elements));
    }
    found.lastUseNanos = nanoTime.getAsLong();
    return found;
  }

  void release(String transferId) {
    held.remove(transferId);
  }

  void letGoOfWhatIsOver() {
    long now = nanoTime.getAsLong();
    held.values().removeIf(one -> one.isOver(now));
  }

  void letGoOfAll() {
    held.clear();
  }

  int size() {
    return held.size();
  }
}
