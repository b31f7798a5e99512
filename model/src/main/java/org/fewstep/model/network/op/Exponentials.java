package org.fewstep.model.network.op;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Exponentials of rows of floats.
 *
 * <p>2^x is 2^n 2^f with n the nearest whole number and f in [-1/2, 1/2]. n comes from adding 1.5 *
 * 2^23, which rounds x to a whole number and leaves it in the low bits of the sum; shifted into the
 * exponent's place, those bits are 2^n. HotSpot vectorises the arithmetic on floats and that on
 * ints, but not the change of type between them, so the bits pass through memory that both see. 2^f
 * is a polynomial with a relative error below 1e-7.
 */
final class Exponentials {
  private static final float ROUND = 0x1.8p23f;
  private static final float SMALLEST = -126;
  private static final int EXPONENT_BIAS = 127;
  private static final int EXPONENT_SHIFT = 23;

  private final FloatBuffer floats;
  private final IntBuffer ints;
  private final float[] whole;
  private final int[] bits;

  private static final ThreadLocal<Exponentials> OF_THREAD =
      ThreadLocal.withInitial(() -> new Exponentials(0));

  /** The calling thread's own, kept between calls. */
  static Exponentials ofThread(int length) {
    Exponentials exponentials = OF_THREAD.get();
    if (exponentials.bits.length != length) {
      exponentials = new Exponentials(length);
      OF_THREAD.set(exponentials);
    }
    return exponentials;
  }

  /**
   * @param length of the rows
   */
  private Exponentials(int length) {
    ByteBuffer memory =
        ByteBuffer.allocateDirect(Float.BYTES * length).order(ByteOrder.nativeOrder());
    floats = memory.asFloatBuffer();
    ints = memory.asIntBuffer();
    whole = new float[length];
    bits = new int[length];
  }

  /** Replaces each x by 2^(scale x - shift), which is at most 1 or a little more. */
  void powersOfTwo(float[] row, float scale, float shift) {
    for (int i = 0; i < row.length; i++) {
      float z = Math.max(SMALLEST, scale * row[i] - shift);
      float rounded = z + ROUND;
      float f = z - (rounded - ROUND);
      float p = 1.5403530e-4f * f + 1.3333558e-3f;
      p = p * f + 9.6181291e-3f;
      p = p * f + 5.5504109e-2f;
      p = p * f + 2.4022651e-1f;
      p = p * f + 6.9314718e-1f;
      row[i] = p * f + 1;
      whole[i] = rounded;
    }
    floats.put(0, whole);
    ints.get(0, bits);
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (bits[i] + EXPONENT_BIAS) << EXPONENT_SHIFT;
    }
    ints.put(0, bits);
    floats.get(0, whole);
    for (int i = 0; i < row.length; i++) {
      row[i] *= whole[i];
    }
  }
}
