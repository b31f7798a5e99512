package org.fewstep.model.io;

import java.nio.ByteBuffer;

/** Turns stored elements, in the buffer's byte order, into Java's numbers. */
public final class Elements {
  private Elements() {}

  /** Takes {@code count} elements from the buffer. */
  public static void toFloats(DType dtype, ByteBuffer from, float[] to, int offset, int count) {
    if (dtype == DType.F32) {
      from.asFloatBuffer().get(to, offset, count);
      from.position(from.position() + Float.BYTES * count);
      return;
    }
    for (int i = offset; i < offset + count; i++) {
      to[i] = (float) nextDouble(dtype, from);
    }
  }

  /** Takes {@code count} elements from the buffer. */
  public static void toDoubles(DType dtype, ByteBuffer from, double[] to, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      to[i] = nextDouble(dtype, from);
    }
  }

  /** Takes {@code count} elements of an integer type from the buffer. */
  public static void toLongs(DType dtype, ByteBuffer from, long[] to, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      to[i] = nextLong(dtype, from);
    }
  }

  private static double nextDouble(DType dtype, ByteBuffer from) {
    return switch (dtype) {
      case F64 -> from.getDouble();
      case F32 -> from.getFloat();
      case F16 -> halfToFloat(from.getShort());
      case BF16 -> Float.intBitsToFloat(from.getShort() << 16);
      case I64, I32, I16, I8, U8, BOOL -> (double) nextLong(dtype, from);
    };
  }

  private static long nextLong(DType dtype, ByteBuffer from) {
    return switch (dtype) {
      case I64 -> from.getLong();
      case I32 -> from.getInt();
      case I16 -> from.getShort();
      case I8 -> from.get();
      case U8, BOOL -> from.get() & 0xFF;
      case F64, F32, F16, BF16 -> throw new IllegalArgumentException(dtype + " is no integer type");
    };
  }

  /** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 bits of fraction. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >>> 10) & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) {
      float magnitude = fraction * 0x1.0p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int widened = exponent == 0x1F ? 0xFF : exponent + 127 - 15;
    return Float.intBitsToFloat(sign | widened << 23 | fraction << 13);
  }
}
