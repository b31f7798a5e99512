package org.fewstep.model.network.op;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.fewstep.model.device.CpuThreads;

/** Shares independent pieces of a kernel among the cores, as many as OpenMP is given. */
final class Parallel {
  private Parallel() {}

  static void forRange(int count, IntConsumer body) {
    IntStream range = IntStream.range(0, count);
    (CpuThreads.count() > 1 ? range.parallel() : range).forEach(body);
  }
}
