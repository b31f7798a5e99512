package org.fewstep.model.optim;

import java.util.Arrays;
import java.util.List;
import org.fewstep.model.optim.ParameterSet.Range;

/** Parts of a parameter vector that keep their values, whatever a step does to the others. */
final class Untrained {
  private final List<Range> ranges;

  Untrained(List<Range> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  /** Takes a step, and puts back what it changed in these parts. */
  void keep(float[] parameters, Runnable step) {
    List<float[]> kept =
        ranges.stream()
            .map(
                range ->
                    Arrays.copyOfRange(parameters, range.from(), range.from() + range.length()))
            .toList();
    step.run();
    for (int i = 0; i < kept.size(); i++) {
      System.arraycopy(kept.get(i), 0, parameters, ranges.get(i).from(), kept.get(i).length);
    }
  }

  /** Copies these parts from one vector to another. */
  void copy(float[] from, float[] to) {
    ranges.forEach(range -> System.arraycopy(from, range.from(), to, range.from(), range.length()));
  }
}
