package org.fewstep.actors.run;

/**
 * Where a node listens.
 *
 * @param host name or address by which the other nodes reach it
 * @param port 0 to 65535; 0 stands for any that is free
 */
public record Endpoint(String host, int port) {
  @Override
  public String toString() {
    return (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
  }
}
