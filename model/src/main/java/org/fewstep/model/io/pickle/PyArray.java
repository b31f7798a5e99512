package org.fewstep.model.io.pickle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.fewstep.model.io.DType;
import org.fewstep.model.io.Elements;
import org.jspecify.annotations.Nullable;

/** A NumPy array in a pickle. */
public final class PyArray implements PyBuildable {
  private static final Map<String, DType> TYPES =
      Map.of("f8", DType.F64, "f4", DType.F32, "i8", DType.I64, "i4", DType.I32, "u1", DType.U8);

  /** NumPy's own limit. */
  private static final int MAX_AXES = 64;

  private @Nullable DType dtype;
  private long[] shape = {};
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  @Override
  public void build(Object state) {
    List<Object> items = items(state);
    if (items.size() != 5 || !(items.get(3) instanceof Boolean columnMajor)) {
      throw new IllegalArgumentException("an array is incomplete");
    }
    set(items(items.get(1)), items.get(2), items.get(4), columnMajor);
  }

  void set(List<Object> extents, Object type, Object data, boolean columnMajor) {
    DType known = type instanceof NumpyWords.Type t ? TYPES.get(t.name) : null;
    if (known == null) {
      throw new IllegalArgumentException(
          "an array has elements of a type that is not known here: "
              + (type instanceof NumpyWords.Type t ? t.name : "none"));
    }
    if (!(data instanceof ByteBuffer content)) {
      throw new IllegalArgumentException("an array has no content");
    }
    if (extents.size() > MAX_AXES) {
      throw new IllegalArgumentException("an array has %d axes".formatted(extents.size()));
    }
    long count = 1;
    long[] sizes = new long[extents.size()];
    for (int i = 0; i < sizes.length; i++) {
      if (!(extents.get(i) instanceof Long extent) || extent < 0) {
        throw new IllegalArgumentException("an array has an impossible shape");
      }
      sizes[i] = extent;
      count = Math.min(Integer.MAX_VALUE, count * Math.min(extent, Integer.MAX_VALUE));
    }
    if (count * known.bytes() != content.remaining()) {
      throw new IllegalArgumentException(
          "an array of %d elements has %d bytes".formatted(count, content.remaining()));
    }
    if (columnMajor && sizes.length > 1) {
      throw new IllegalArgumentException("an array is stored by columns");
    }
    dtype = known;
    shape = sizes;
    bytes = content;
  }

  /** Extents; empty for a number. */
  public long[] shape() {
    return shape.clone();
  }

  /** All elements as float64, row-major. */
  public double[] doubles() {
    if (dtype == null) {
      throw new IllegalStateException("an array was never filled");
    }
    double[] values = new double[bytes.remaining() / dtype.bytes()];
    Elements.toDoubles(
        dtype, bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN), values, 0, values.length);
    return values;
  }

  static List<Object> items(Object tuple) {
    if (tuple instanceof PyTuple t) {
      return t.items();
    }
    throw new IllegalArgumentException("an array is described by what is no tuple");
  }
}
