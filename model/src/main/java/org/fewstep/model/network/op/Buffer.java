package org.fewstep.model.network.op;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Memory for one result of one operation, kept from step to step: a new array of 8 MB costs 2 to 3
 * ms of page faults, writing into an existing one 0.1 ms. It grows when a larger shape is asked for
 * and serves every smaller one.
 *
 * <p>float32 begins on a line of the processor's cache, as oneDNN's kernels demand that write past
 * it.
 */
public final class Buffer {
  static final int LINE_BYTES = 64;

  private final Map<List<Long>, INDArray> arrays = new HashMap<>();
  private final boolean givesBack;
  private @Nullable DataBuffer memory;
  private long first;

  public Buffer() {
    this(false);
  }

  private Buffer(boolean givesBack) {
    this.givesBack = givesBack;
  }

  /**
   * A buffer that frees its memory as soon as it needs more. Otherwise that is left to the garbage
   * collection, which seldom comes, as arrays on that memory may still be in use. Here nobody may
   * use an array any more once another one was asked for.
   */
  public static Buffer ofOneUser() {
    return new Buffer(true);
  }

  /** An array of this shape; its content is whatever was written into the memory last. */
  public INDArray of(DataType type, long... shape) {
    long length = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    DataBuffer present = memory;
    if (present == null || present.dataType() != type || present.length() - first < length) {
      if (givesBack && present != null) {
        present.close();
      }
      boolean aligned = type == DataType.FLOAT;
      long spare = aligned ? LINE_BYTES / Float.BYTES : 0;
      present = Nd4j.createUninitializedDetached(type, 'c', length + spare).data();
      long past = present.pointer().address() % LINE_BYTES;
      first = aligned ? (LINE_BYTES - past) % LINE_BYTES / Float.BYTES : 0;
      memory = present;
      arrays.clear();
    }
    DataBuffer chosen = present;
    return arrays.computeIfAbsent(
        Arrays.stream(shape).boxed().toList(),
        key -> Nd4j.create(chosen, shape, Nd4j.getStrides(shape, 'c'), first, 'c'));
  }
}
