package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The memory of contiguous float32 arrays, for kernels that read and write it themselves. */
public final class NativeMemory {
  private NativeMemory() {}

  /** The array's own memory, from its first element on. */
  public static FloatBuffer buffer(INDArray array) {
    return pointer(array).asBuffer();
  }

  /** Part of the array's own memory; a buffer cannot span more than 2 GiB. */
  public static FloatBuffer buffer(INDArray array, long from, int length) {
    long address = pointer(array).address() + Float.BYTES * from;
    return new Address(address).capacity(length).asBuffer();
  }

  /** The array's own memory, from its first element on; for BLAS, whose calls take a position. */
  static FloatPointer pointer(INDArray array) {
    return new Address(address(array)).capacity(array.length());
  }

  /** Where the array's first element lies. */
  static long address(INDArray array) {
    return array.data().pointer().address() + Float.BYTES * array.offset();
  }

  /** A pointer to memory that somebody else owns. */
  private static final class Address extends FloatPointer {
    Address(long address) {
      super((Pointer) null);
      this.address = address;
    }

    @Override
    public Address capacity(long capacity) {
      super.capacity(capacity);
      return this;
    }
  }
}
