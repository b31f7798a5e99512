package org.fewstep.actors.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Names the tensors of a parameter vector that hold a NaN or an infinity. */
final class NotFinite {
  private static final int NAMED = 3;

  private NotFinite() {}

  /**
   * The names, the first few and how many more there are; empty if all values are finite.
   *
   * @param tensorAt name of the tensor that holds an element; the elements of a tensor are adjacent
   */
  static String tensors(float[] values, IntFunction<String> tensorAt) {
    List<String> named = new ArrayList<>();
    int more = 0;
    int i = 0;
    while (i < values.length) {
      if (Float.isFinite(values[i])) {
        i++;
        continue;
      }
      String name = tensorAt.apply(i);
      if (named.size() < NAMED) {
        named.add(name);
      } else {
        more++;
      }
      i = end(name, i, values.length, tensorAt);
    }
    return String.join(", ", named) + (more > 0 ? " and " + more + " more tensors" : "");
  }

  /** The first element behind a tensor, by bisection: a tensor may have millions of elements. */
  private static int end(String name, int inside, int length, IntFunction<String> tensorAt) {
    int last = inside;
    int behind = length;
    while (behind - last > 1) {
      int middle = (last + behind) >>> 1;
      if (tensorAt.apply(middle).equals(name)) {
        last = middle;
      } else {
        behind = middle;
      }
    }
    return behind;
  }
}
