package org.fewstep.model.io.pickle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What NumPy's arrays are pickled with. */
public final class NumpyWords {
  /** Arrays of little-endian float32, float64, int32 and int64 and uint8. */
  public static final Vocabulary VOCABULARY =
      Vocabulary.builder()
          .name("numpy.ndarray")
          .function("numpy.dtype", NumpyWords::dtype)
          .function("numpy.core.multiarray._reconstruct", arguments -> new PyArray())
          .function("numpy._core.multiarray._reconstruct", arguments -> new PyArray())
          .function("numpy.core.multiarray.scalar", NumpyWords::scalar)
          .function("numpy._core.multiarray.scalar", NumpyWords::scalar)
          .function("numpy.core.numeric._frombuffer", NumpyWords::fromBuffer)
          .function("numpy._core.numeric._frombuffer", NumpyWords::fromBuffer)
          .function("_codecs.encode", NumpyWords::encode)
          .build();

  private NumpyWords() {}

  /** An element type by NumPy's short name, such as f8; its state says the byte order. */
  static final class Type implements PyBuildable {
    final String name;

    Type(String name) {
      this.name = name;
    }

    @Override
    public void build(Object state) {
      List<Object> items = PyArray.items(state);
      if (items.size() < 2 || !(items.get(1) instanceof String order) || order.equals(">")) {
        throw new IllegalArgumentException("an array is not little-endian");
      }
    }
  }

  private static Object dtype(List<Object> arguments) {
    if (!arguments.isEmpty() && arguments.get(0) instanceof String name) {
      return new Type(name);
    }
    throw new IllegalArgumentException("an array's element type has no name");
  }

  private static Object scalar(List<Object> arguments) {
    PyArray array = new PyArray();
    if (arguments.size() != 2) {
      throw new IllegalArgumentException("a number of NumPy's is incomplete");
    }
    array.set(List.of(), arguments.get(0), arguments.get(1), false);
    return array;
  }

  private static Object fromBuffer(List<Object> arguments) {
    if (arguments.size() != 4) {
      throw new IllegalArgumentException("an array is incomplete");
    }
    PyArray array = new PyArray();
    array.set(
        PyArray.items(arguments.get(2)),
        arguments.get(1),
        arguments.get(0),
        "F".equals(arguments.get(3)));
    return array;
  }

  /** Old protocols write bytes as text that is encoded again. */
  private static Object encode(List<Object> arguments) {
    if (arguments.size() == 2
        && arguments.get(0) instanceof String text
        && arguments.get(1) instanceof String charset
        && charset.equals("latin1")) {
      return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1))
          .order(ByteOrder.LITTLE_ENDIAN);
    }
    throw new IllegalArgumentException("it encodes a text that is not latin1");
  }
}
