package org.fewstep.tests.bench;

import java.util.Map;
import java.util.function.DoubleSupplier;

/** One side of a comparison, inside its own process. */
public interface Contender extends AutoCloseable {
  /** What can be asked for by name, each once and uninterrupted. */
  Map<String, Runnable> tasks();

  /** What is known before anything is timed, such as how far the results are from the other's. */
  Map<String, Double> facts();

  /** What is known after tasks have been done, beside how long they took. */
  default Map<String, DoubleSupplier> measures() {
    return Map.of();
  }

  @Override
  default void close() {}
}
