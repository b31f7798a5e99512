package org.fewstep.model.network.op;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Shares independent pieces of a kernel among the cores, as many as OpenMP is given. */
final class Parallel {
  private static final boolean SEVERAL_THREADS =
      !"1".equals(System.getenv("OMP_NUM_THREADS"))
          && Runtime.getRuntime().availableProcessors() > 1;

  private Parallel() {}

  static void forRange(int count, IntConsumer body) {
    IntStream range = IntStream.range(0, count);
    (SEVERAL_THREADS ? range.parallel() : range).forEach(body);
  }
}
