package org.fewstep.model.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Numbers of one type with a shape, row-major, as they go to and come from files: a view of a plain
 * array, or of a part of one (a parameter inside a flat vector is written without copying it).
 */
public final class Tensor {
  private static final int CHUNK_ELEMENTS = 1 << 16;

  private final DType dtype;
  private final long[] shape;
  private final Object array;
  private final int offset;
  private final int count;

  private Tensor(DType dtype, Object array, int arrayLength, int offset, long[] shape) {
    long elements = elements(shape);
    if (offset < 0 || elements > arrayLength - offset) {
      throw new IllegalArgumentException(
          "shape %s needs %d elements from position %d on, the array has %d"
              .formatted(Arrays.toString(shape), elements, offset, arrayLength));
    }
    this.dtype = dtype;
    this.array = array;
    this.offset = offset;
    this.count = (int) elements;
    this.shape = shape.clone();
  }

  /** F32. The array is not copied; it may be longer than the shape asks for. */
  public static Tensor of(float[] values, long... shape) {
    return slice(values, 0, shape);
  }

  /** F32: the elements from {@code offset} on, not copied. */
  public static Tensor slice(float[] values, int offset, long... shape) {
    return new Tensor(DType.F32, values, values.length, offset, shape);
  }

  /** F64, not copied. */
  public static Tensor of(double[] values, long... shape) {
    return new Tensor(DType.F64, values, values.length, 0, shape);
  }

  /** I64, not copied. */
  public static Tensor of(long[] values, long... shape) {
    return new Tensor(DType.I64, values, values.length, 0, shape);
  }

  /** I32, not copied. */
  public static Tensor of(int[] values, long... shape) {
    return new Tensor(DType.I32, values, values.length, 0, shape);
  }

  /** U8, not copied. */
  public static Tensor of(byte[] values, long... shape) {
    return new Tensor(DType.U8, values, values.length, 0, shape);
  }

  public DType dtype() {
    return dtype;
  }

  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public int count() {
    return count;
  }

  /** A copy, converted to float. */
  public float[] floats() {
    float[] result = new float[count];
    chunks((from, buffer, n) -> Elements.toFloats(dtype, buffer, result, from, n));
    return result;
  }

  /** A copy, converted to double. */
  public double[] doubles() {
    double[] result = new double[count];
    chunks((from, buffer, n) -> Elements.toDoubles(dtype, buffer, result, from, n));
    return result;
  }

  /** A copy, of an integer tensor only. */
  public long[] longs() {
    long[] result = new long[count];
    chunks((from, buffer, n) -> Elements.toLongs(dtype, buffer, result, from, n));
    return result;
  }

  /** A copy, of a U8 tensor only. */
  public byte[] bytes() {
    if (!(array instanceof byte[] values)) {
      throw new IllegalArgumentException("these are not bytes but " + dtype);
    }
    return Arrays.copyOfRange(values, offset, offset + count);
  }

  /** Writes the elements, little-endian and nothing else. */
  void writeTo(OutputStream out) throws IOException {
    chunks(
        (from, buffer, n) -> {
          byte[] bytes = new byte[n * dtype.bytes()];
          buffer.get(bytes);
          out.write(bytes);
        });
  }

  /** Number of elements of a shape; overflow throws {@link ArithmeticException}. */
  static long elements(long[] shape) {
    long product = 1;
    for (long extent : shape) {
      if (extent < 0) {
        throw new ArithmeticException("negative extent " + extent);
      }
      product = Math.multiplyExact(product, extent);
    }
    return product;
  }

  /** A tensor over elements in the given byte order, of one of the types that arrays can hold. */
  static Tensor decode(DType dtype, ByteBuffer elements, long[] shape) {
    int n = Math.toIntExact(elements(shape));
    return switch (dtype) {
      case F32 -> of(fill(n, float[]::new, a -> elements.asFloatBuffer().get(a)), shape);
      case F64 -> of(fill(n, double[]::new, a -> elements.asDoubleBuffer().get(a)), shape);
      case I64 -> of(fill(n, long[]::new, a -> elements.asLongBuffer().get(a)), shape);
      case I32 -> of(fill(n, int[]::new, a -> elements.asIntBuffer().get(a)), shape);
      case U8 -> of(fill(n, byte[]::new, elements::get), shape);
      case F16, BF16, I16, I8, BOOL ->
          throw new IllegalArgumentException("no array holds " + dtype);
    };
  }

  private static <A> A fill(int n, IntFunction<A> create, Consumer<A> filler) {
    A array = create.apply(n);
    filler.accept(array);
    return array;
  }

  private interface ChunkConsumer<E extends Exception> {
    void accept(int from, ByteBuffer elements, int count) throws E;
  }

  /** Shows the elements as little-endian bytes, a bounded number at a time. */
  private <E extends Exception> void chunks(ChunkConsumer<E> consumer) throws E {
    int capacity = Math.min(count, CHUNK_ELEMENTS);
    ByteBuffer buffer =
        ByteBuffer.allocate(capacity * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    // Steps end at the count: one beyond it may be more than an int holds.
    for (int from = 0, n; from < count; from += n) {
      n = Math.min(capacity, count - from);
      buffer.clear();
      if (array instanceof float[] values) {
        buffer.asFloatBuffer().put(values, offset + from, n);
      } else if (array instanceof double[] values) {
        buffer.asDoubleBuffer().put(values, offset + from, n);
      } else if (array instanceof long[] values) {
        buffer.asLongBuffer().put(values, offset + from, n);
      } else if (array instanceof int[] values) {
        buffer.asIntBuffer().put(values, offset + from, n);
      } else if (array instanceof byte[] values) {
        buffer.put(0, values, offset + from, n);
      }
      consumer.accept(from, buffer, n);
    }
  }
}
