package org.fewstep.deploy.cluster;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.fewstep.actors.run.Endpoint;
import org.fewstep.config.UserException;

/** Addresses as users write them. */
public final class Endpoints {
  /** Where a run listens unless it is told otherwise. */
  public static final int RUN_PORT = 7625;

  private static final int HIGHEST_PORT = 65_535;

  private Endpoints() {}

  /**
   * Reads {@code host:port[,host:port]}; without a port it is {@link #RUN_PORT}.
   *
   * @param option that it was given by
   * @throws UserException if it is none
   */
  public static List<Endpoint> parse(String option, String text) {
    return Arrays.stream(text.split(",", -1)).map(one -> one(option, one.strip())).toList();
  }

  private static Endpoint one(String option, String text) {
    int colon = text.lastIndexOf(':');
    boolean withPort = colon >= 0 && text.indexOf(']', colon) < 0;
    String host = withPort ? text.substring(0, colon) : text;
    String port = withPort ? text.substring(colon + 1) : Integer.toString(RUN_PORT);
    boolean number = port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= HIGHEST_PORT;
    if (host.isEmpty() || host.matches(".*[\\s/@].*") || !number || port.equals("0")) {
      throw new UserException(
          "%s must be host:port, as in %s 10.0.0.5:%d, but is '%s'"
              .formatted(option, option, RUN_PORT, text));
    }
    return new Endpoint(host, Integer.parseInt(port));
  }

  /**
   * A port to listen at.
   *
   * @throws UserException if there is no such port
   */
  public static int port(String option, int port) {
    if (port < 0 || port > HIGHEST_PORT) {
      throw new UserException(
          "%s must lie between 0 (any that is free) and %d, but is %d"
              .formatted(option, HIGHEST_PORT, port));
    }
    return port;
  }

  /**
   * This machine's address on the way to another one; nothing is sent.
   *
   * @throws UserException if there is no way
   */
  public static String hostTowards(Endpoint other) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.getByName(other.host()), other.port()));
      return socket.getLocalAddress().getHostAddress();
    } catch (UnknownHostException e) {
      throw new UserException("there is no host '%s'".formatted(other.host()), e);
    } catch (SocketException | java.io.UncheckedIOException e) {
      throw new UserException(
          "there is no way from here to %s (%s)".formatted(other, e.getMessage()), e);
    }
  }
}
