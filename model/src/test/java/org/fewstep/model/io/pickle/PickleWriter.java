package org.fewstep.model.io.pickle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles instruction by instruction. */
public final class PickleWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Protocol 2, which PyTorch writes. */
  public static PickleWriter protocol2() {
    return new PickleWriter().raw(0x80, 2);
  }

  public PickleWriter raw(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  public PickleWriter ascii(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  public PickleWriter global(String module, String name) {
    return ascii("c" + module + "\n" + name + "\n");
  }

  public PickleWriter text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    raw('X').int32(utf8.length);
    out.writeBytes(utf8);
    return this;
  }

  public PickleWriter integer(int value) {
    return raw('J').int32(value);
  }

  public PickleWriter mark() {
    return raw('(');
  }

  public PickleWriter tuple() {
    return raw('t');
  }

  public PickleWriter int32(int value) {
    out.writeBytes(little(Integer.BYTES).putInt(value).array());
    return this;
  }

  public PickleWriter int64(long value) {
    out.writeBytes(little(Long.BYTES).putLong(value).array());
    return this;
  }

  public PickleWriter bytes(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** {@code torch._utils._rebuild_tensor_v2} of a contiguous tensor. */
  public PickleWriter tensor(String storageType, String key, long count, long... shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return tensor(storageType, key, count, 0, shape, strides);
  }

  public PickleWriter tensor(
      String storageType, String key, long count, int offset, long[] shape, long[] strides) {
    global("torch._utils", "_rebuild_tensor_v2").mark();
    mark().text("storage").global("torch", storageType).text(key).text("cpu");
    raw(0x8a, 8).int64(count).tuple().raw('Q').integer(offset);
    extents(shape).extents(strides).raw(0x89);
    return global("collections", "OrderedDict").raw(')', 'R').tuple().raw('R');
  }

  private PickleWriter extents(long[] extents) {
    mark();
    for (long extent : extents) {
      raw(0x8a, 8).int64(extent);
    }
    return tuple();
  }

  /** Ends the pickle. */
  public byte[] stop() {
    raw('.');
    return out.toByteArray();
  }

  /** What was written, without an end. */
  public byte[] unfinished() {
    return out.toByteArray();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
