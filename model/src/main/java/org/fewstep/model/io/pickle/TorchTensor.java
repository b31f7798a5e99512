package org.fewstep.model.io.pickle;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.fewstep.model.io.DType;
import org.jspecify.annotations.Nullable;

/**
 * A tensor in a file of PyTorch's: where its elements lie.
 *
 * @param storage that holds the elements
 * @param offset of the first one, in elements
 * @param strides from one element to the next along each axis, in elements
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TorchTensor(Storage storage, long offset, long[] shape, long[] strides) {
  private static final int MAX_AXES = 32;

  /**
   * Where elements lie.
   *
   * @param count of elements
   * @param content the elements, little-endian, if they lie inside of the pickle; else null
   */
  record Storage(String key, DType dtype, long count, @Nullable ByteBuffer content) {
    /** Elements outside of the pickle. */
    Storage(String key, DType dtype, long count) {
      this(key, dtype, count, null);
    }

    Storage with(ByteBuffer content) {
      return new Storage(key, dtype, count, content);
    }
  }

  /** Checks that all elements lie within the storage, and that it has no fewer elements. */
  public TorchTensor {
    if (shape.length != strides.length || shape.length > MAX_AXES) {
      throw new IllegalArgumentException("a tensor has %d axes".formatted(shape.length));
    }
    long last = offset;
    long elements = 1;
    try {
      for (int i = 0; i < shape.length; i++) {
        if (shape[i] < 0 || strides[i] < 0) {
          throw new IllegalArgumentException(
              "a tensor has the shape %s and strides %s"
                  .formatted(Arrays.toString(shape), Arrays.toString(strides)));
        }
        elements = Math.multiplyExact(elements, shape[i]);
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape[i] - 1), strides[i]));
      }
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "a tensor has the impossible shape " + Arrays.toString(shape), e);
    }
    if (offset < 0 || elements > 0 && (last >= storage.count() || elements > storage.count())) {
      throw new IllegalArgumentException(
          "a tensor of shape %s reaches beyond the %d elements of its storage"
              .formatted(Arrays.toString(shape), storage.count()));
    }
  }

  public DType dtype() {
    return storage.dtype();
  }

  /** Number of elements. */
  long elements() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  boolean isContiguous() {
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) {
        return false;
      }
      expected *= shape[i];
    }
    return true;
  }
}
