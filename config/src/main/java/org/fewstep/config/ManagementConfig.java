package org.fewstep.config;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The run's HTTP routes.
 *
 * @param host name or address of the interface to listen at; whoever reaches it may change the run
 * @param port where to listen, 0 for any free port; none is opened when absent
 */
public record ManagementConfig(String host, OptionalInt port) {
  public ManagementConfig {
    Check.notBlank("host", host);
    if (port.isPresent()) {
      Check.between("port", port.getAsInt(), 0, 65_535);
    }
  }

  /** A host and a port, 0 for any free one. */
  public record Endpoint(String host, int port) {}

  /** Where to listen, if anywhere. */
  public Optional<Endpoint> endpoint() {
    return port.isPresent() ? Optional.of(new Endpoint(host, port.getAsInt())) : Optional.empty();
  }
}
