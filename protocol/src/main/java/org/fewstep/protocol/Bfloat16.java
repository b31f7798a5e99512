package org.fewstep.protocol;

/**
 * The 16-bit floating point format with binary32's exponent: 1 sign bit, 8 exponent bits, 7
 * fraction bits, which are the upper half of a binary32.
 */
public final class Bfloat16 {
  private static final int LOWER_BITS = 16;
  private static final int JUST_BELOW_HALF = 0x7fff;
  private static final int WITHOUT_SIGN = 0x7fff_ffff;
  private static final int INFINITY = 0x7f80_0000;
  private static final int QUIET = 0x40;

  private Bfloat16() {}

  /**
   * Rounds to the nearest value, ties to the even one; beyond the largest value to infinity. A NaN
   * stays a NaN of the same sign, quiet, with the upper bits of its payload.
   */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & WITHOUT_SIGN) > INFINITY) {
      return (short) (bits >>> LOWER_BITS | QUIET);
    }
    int odd = bits >>> LOWER_BITS & 1;
    return (short) (bits + JUST_BELOW_HALF + odd >>> LOWER_BITS);
  }

  /** Exact. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << LOWER_BITS);
  }
}
