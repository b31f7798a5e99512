package org.fewstep.model.network.op;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The memory that a network takes for its calls, added up from shapes in the way in which the
 * operations would ask for it, without taking any. Each operation has a method {@code countMemory}
 * beside its {@code forward} and {@code backward}, which says what these two keep, for float32 and
 * the fused kernels of the CPU.
 */
public final class StepMemory {
  private final boolean backward;
  private final Map<Buffer, Long> shared = new IdentityHashMap<>();
  private long kept;
  private long lent;
  private long weights;
  private long made;
  private long heap;

  private StepMemory(boolean backward) {
    this.backward = backward;
  }

  /** Of forward and backward calls. */
  public static StepMemory ofTraining() {
    return new StepMemory(true);
  }

  /** Of forward calls alone. */
  public static StepMemory ofForward() {
    return new StepMemory(false);
  }

  /** Whether backward is called. */
  public boolean backward() {
    return backward;
  }

  /** Counts a {@link Buffer} of that shape; returns the shape. */
  public long[] keep(long... shape) {
    kept += bytes(shape) + Buffer.LINE_BYTES;
    return shape;
  }

  /** {@link #keep}, of what only backward asks for. */
  public long[] keepGradient(long... shape) {
    return backward ? keep(shape) : shape;
  }

  /**
   * {@link #keepGradient} of that shape in a given buffer, which may have been counted for others
   * before: it is as large as the largest of them.
   */
  public long[] keepGradient(Buffer buffer, long... shape) {
    if (backward) {
      shared.merge(buffer, bytes(shape) + Buffer.LINE_BYTES, Math::max);
    }
    return shape;
  }

  /** Counts an array that each call makes anew and the next one lets go; returns the shape. */
  public long[] make(long... shape) {
    made += bytes(shape);
    return shape;
  }

  /** Counts memory that one call works in and the next one too. */
  void lend(long bytes) {
    lent = Math.max(lent, bytes);
  }

  /** Counts memory for weights in another layout, which the next call's weights take too. */
  void lendWeights(long bytes) {
    weights = Math.max(weights, bytes);
  }

  /** Counts Java arrays of that many bytes. */
  void keepOnHeap(long bytes) {
    heap += bytes;
  }

  /** Bytes outside of Java's heap, without those of parameters and their gradients. */
  public long nativeBytes() {
    long ofBuffers = shared.values().stream().mapToLong(Long::longValue).sum();
    return kept + ofBuffers + lent + weights + made;
  }

  /** Bytes of Java's arrays. */
  public long heapBytes() {
    return heap;
  }

  static long length(long... shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  static long bytes(long... shape) {
    return Float.BYTES * length(shape);
  }
}
