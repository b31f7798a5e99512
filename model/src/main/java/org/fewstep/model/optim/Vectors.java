package org.fewstep.model.optim;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks and copies of flat vectors. */
final class Vectors {
  private Vectors() {}

  /** Copies a vector onto another of the same length. */
  static void copy(String name, float @Nullable [] from, float[] to) {
    if (from == null || from.length != to.length) {
      throw new IllegalArgumentException(
          "'%s' has %s numbers, not %d"
              .formatted(name, from == null ? "no" : from.length, to.length));
    }
    System.arraycopy(from, 0, to, 0, to.length);
  }

  /** Refuses vectors whose names or lengths differ from the expected ones. */
  static void checkSameLayout(Map<String, float[]> expected, Map<String, float[]> given) {
    if (!expected.keySet().equals(given.keySet())) {
      throw new IllegalArgumentException(
          "vectors %s expected, not %s".formatted(expected.keySet(), given.keySet()));
    }
    expected.forEach((name, vector) -> checkLength(name, vector.length, given.get(name)));
  }

  /** Refuses a vector that is absent or of another length. */
  static void checkLength(String name, int expected, float @Nullable [] given) {
    if (given == null || given.length != expected) {
      throw new IllegalArgumentException(
          "'%s' has %s numbers, not %d"
              .formatted(name, given == null ? "no" : given.length, expected));
    }
  }

  /** Position of the first number that is infinite or not a number, or -1. */
  static int firstNonFinite(float[] vector) {
    for (int i = 0; i < vector.length; i++) {
      if (!Float.isFinite(vector[i])) {
        return i;
      }
    }
    return -1;
  }
}
