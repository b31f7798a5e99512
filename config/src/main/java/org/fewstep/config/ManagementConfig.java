package org.fewstep.config;

import java.util.OptionalInt;

/**
 * The run's HTTP routes.
 *
 * @param port where to listen; none is opened when absent
 */
public record ManagementConfig(OptionalInt port) {
  public ManagementConfig {
    if (port.isPresent()) {
      Check.between("port", port.getAsInt(), 1, 65_535);
    }
  }
}
