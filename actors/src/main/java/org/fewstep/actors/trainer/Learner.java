package org.fewstep.actors.trainer;

import org.fewstep.model.objective.Objective;

/**
 * An objective with a network of its own, on one device. It is made, used and closed on one thread.
 */
public interface Learner extends Objective, AutoCloseable {
  /** Length of the parameter vector and of its gradient. */
  int parameters();

  /** Copies parameters into the network. */
  void load(float[] parameters);

  /** Time spent so far in the network towards outputs; 0 if nobody measures it. */
  default long forwardNanos() {
    return 0;
  }

  /** Time spent so far in the network towards gradients; 0 if nobody measures it. */
  default long backwardNanos() {
    return 0;
  }

  @Override
  default void close() {}
}
