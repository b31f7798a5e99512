package org.fewstep.model.device;

import java.util.Comparator;
import java.util.Optional;

/** CUDA's number for what a device can do, such as 8.6. */
public record ComputeCapability(int major, int minor) implements Comparable<ComputeCapability> {
  /**
   * ND4J's CUDA library has machine code from 3.7 up to 8.6 and none that a driver could translate
   * for others. Code for 8.6 runs on everything with the same first number.
   */
  static final ComputeCapability LOWEST = new ComputeCapability(3, 7);

  static final ComputeCapability HIGHEST = new ComputeCapability(8, 9);

  @Override
  public int compareTo(ComputeCapability other) {
    return Comparator.comparingInt(ComputeCapability::major)
        .thenComparingInt(ComputeCapability::minor)
        .compare(this, other);
  }

  /**
   * Why a device cannot be used; empty if it can.
   *
   * @param device what the device is called
   */
  public Optional<String> refusal(String device) {
    return compareTo(LOWEST) >= 0 && compareTo(HIGHEST) <= 0
        ? Optional.empty()
        : Optional.of(
            "%s has compute capability %s, but ND4J's CUDA library runs on %s to %s only: choose another device, or the build for processors"
                .formatted(device, this, LOWEST, HIGHEST));
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
