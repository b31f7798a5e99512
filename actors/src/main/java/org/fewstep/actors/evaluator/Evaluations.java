package org.fewstep.actors.evaluator;

/** Draws and scores samples. It is made, used and closed on one thread. */
public interface Evaluations extends AutoCloseable {
  /** Takes the parameters that are sampled with from now on; they must not be changed. */
  void load(float[] parameters) throws Exception;

  /** Begins a part of an evaluation; the one before it has ended or is dropped. */
  EvaluationJob begin(EvaluationPart part) throws Exception;

  @Override
  default void close() {}
}
