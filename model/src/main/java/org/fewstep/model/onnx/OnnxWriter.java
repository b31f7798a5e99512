package org.fewstep.model.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.fewstep.model.io.AtomicFiles;

/**
 * Writes a network of float32 as an ONNX file (onnx.proto of ONNX 1.8 and later: IR version 7,
 * operator set 13), so that other run times can compute what is computed here. The file is a
 * message of protobuf; the numbers below are those of its fields.
 */
public final class OnnxWriter {
  private static final int IR_VERSION = 7;
  private static final int OPERATOR_SET = 13;
  private static final int FLOAT = 1;
  private static final int ATTRIBUTE_FLOAT = 1;
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;

  private final Message graph = new Message();

  /**
   * Declares the input.
   *
   * @param shape with -1 for an extent that is left open
   */
  public OnnxWriter input(String name, long... shape) {
    graph.add(11, port(name, shape));
    return this;
  }

  /**
   * Declares an output, which a node makes.
   *
   * @param shape as above
   */
  public OnnxWriter output(String name, long... shape) {
    graph.add(12, port(name, shape));
    return this;
  }

  /** Adds weights under the name by which nodes take them. */
  public OnnxWriter weights(String name, float[] values, long... shape) {
    Message tensor = new Message();
    for (long extent : shape) {
      tensor.add(1, extent);
    }
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    graph.add(5, tensor.add(2, FLOAT).add(8, name).add(9, raw.array()));
    return this;
  }

  /**
   * Adds a node with one output.
   *
   * @param type operator, such as Conv
   * @param attributes each a {@link Float}, a {@link Long} or a {@code long[]}
   */
  public OnnxWriter node(
      String type, List<String> inputs, String output, Map<String, Object> attributes) {
    Message node = new Message();
    inputs.forEach(input -> node.add(1, input));
    node.add(2, output).add(4, type);
    attributes.forEach((name, value) -> node.add(5, attribute(name, value)));
    graph.add(1, node);
    return this;
  }

  /** Writes the file. */
  public void write(Path file) {
    byte[] bytes = toBytes();
    AtomicFiles.write(file, out -> out.write(bytes));
  }

  /** The file's content. */
  public byte[] toBytes() {
    Message named = new Message().add(graph).add(2, "fewstep");
    return new Message()
        .add(1, IR_VERSION)
        .add(2, "fewstep")
        .add(7, named)
        .add(8, new Message().add(1, "").add(2, OPERATOR_SET))
        .bytes();
  }

  private static Message port(String name, long... extents) {
    Message shape = new Message();
    for (int axis = 0; axis < extents.length; axis++) {
      Message extent = new Message();
      shape.add(
          1, extents[axis] < 0 ? extent.add(2, "extent" + axis) : extent.add(1, extents[axis]));
    }
    Message tensor = new Message().add(1, FLOAT).add(2, shape);
    return new Message().add(1, name).add(2, new Message().add(1, tensor));
  }

  private static Message attribute(String name, Object value) {
    Message attribute = new Message().add(1, name);
    if (value instanceof Float number) {
      return attribute.add(2, number).add(20, ATTRIBUTE_FLOAT);
    }
    if (value instanceof Long number) {
      return attribute.add(3, number).add(20, ATTRIBUTE_INT);
    }
    if (value instanceof long[] numbers) {
      for (long number : numbers) {
        attribute.add(8, number);
      }
      return attribute.add(20, ATTRIBUTE_INTS);
    }
    throw new IllegalArgumentException("no attribute: " + value);
  }

  /** Fields of protobuf, in the order in which they are added. */
  private static final class Message {
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message add(int field, long value) {
      tag(field, VARINT);
      varint(value);
      return this;
    }

    Message add(int field, float value) {
      tag(field, FIXED32);
      int bits = Float.floatToIntBits(value);
      for (int i = 0; i < Float.BYTES; i++) {
        out.write(bits >>> (8 * i));
      }
      return this;
    }

    Message add(int field, String text) {
      return add(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Message add(int field, Message message) {
      return add(field, message.bytes());
    }

    Message add(int field, byte[] bytes) {
      tag(field, BYTES);
      varint(bytes.length);
      out.writeBytes(bytes);
      return this;
    }

    /** All fields of another message. */
    Message add(Message other) {
      out.writeBytes(other.bytes());
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void tag(int field, int wireType) {
      varint((long) field << 3 | wireType);
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) (rest & 0x7F | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
