package org.fewstep.model.io.pickle;

/** What completes itself from the state that follows it in a pickle. */
public interface PyBuildable {
  /**
   * Takes the state.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  void build(Object state);
}
