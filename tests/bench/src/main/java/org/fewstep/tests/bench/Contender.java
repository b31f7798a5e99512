package org.fewstep.tests.bench;

import java.util.Map;

/** One side of a comparison, inside its own process. */
public interface Contender extends AutoCloseable {
  /** What can be asked for by name, each once and uninterrupted. */
  Map<String, Runnable> tasks();

  /** What is known before anything is timed, such as how far the results are from the other's. */
  Map<String, Double> facts();

  @Override
  default void close() {}
}
