package org.fewstep.model.optim;

import java.util.Map;

/**
 * Turns gradients into steps of a flat parameter vector of fixed length. Works element by element,
 * so that a part of a vector can be stepped apart from the rest. Belongs to one thread.
 */
public interface Optimizer {
  /**
   * Changes the parameters, and its own state.
   *
   * @param gradient d loss / d parameter; stays as it is
   * @throws IllegalArgumentException if a length is wrong; then nothing has changed
   */
  void step(float[] parameters, float[] gradient, double learningRate);

  /**
   * Where so many further steps lead if each moves the parameters as the running means of the steps
   * so far say: the weight prediction of pipelined training (Chen, Yang, Cheng, arXiv:1809.02839;
   * for Adam: Guan et al., arXiv:1911.04610). Changes neither the parameters nor the state. An
   * optimiser without such means predicts that everything stays.
   *
   * @param steps 0 for the parameters themselves
   * @return another array
   */
  default float[] predict(float[] parameters, double learningRate, int steps) {
    return parameters.clone();
  }

  /** Length of the parameter vector. */
  int size();

  /** Steps taken so far. */
  long steps();

  /**
   * The state beside the number of steps, by name: the live arrays, to be copied by whoever keeps
   * them beyond the next step.
   */
  Map<String, float[]> state();

  /**
   * Goes back to a state; the arrays are copied.
   *
   * @throws IllegalArgumentException if names or lengths are not those of {@link #state()}; then
   *     nothing has changed
   */
  void restore(long steps, Map<String, float[]> state);
}
