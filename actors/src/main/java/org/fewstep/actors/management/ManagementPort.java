package org.fewstep.actors.management;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.Uri;
import org.apache.pekko.management.javadsl.PekkoManagement;
import org.fewstep.config.UserException;

/** Opens the port of the management routes, where the configuration says. */
public final class ManagementPort {
  private ManagementPort() {}

  /**
   * Opens the port.
   *
   * @return where it listens, such as {@code http://127.0.0.1:7626}; fails with a {@link
   *     UserException} when it cannot
   */
  public static CompletionStage<String> open(ActorSystem<?> system, String host, int port) {
    return PekkoManagement.get(system)
        .start()
        .handle(
            (uri, failure) -> {
              if (failure != null) {
                throw refusal(host, port, failure);
              }
              return plain(uri);
            });
  }

  private static String plain(Uri uri) {
    return "http://%s:%d".formatted(uri.host().address(), uri.port());
  }

  /**
   * Checks, before anything is begun, that the port could be opened.
   *
   * @throws UserException if it is in use, or the host is none of this machine's
   */
  public static void check(String host, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException e) {
      throw refusal(host, port, e);
    }
  }

  private static UserException refusal(String host, int port, Throwable cause) {
    if (cause instanceof UnknownHostException) {
      return new UserException(
          "management.host must be a name or address of this machine, but is %s".formatted(host),
          cause);
    }
    boolean used =
        cause instanceof BindException && String.valueOf(cause.getMessage()).contains("in use");
    return new UserException(
        "cannot listen at %s:%d (%s): set %s to %s"
            .formatted(
                host,
                port,
                cause.getMessage(),
                used ? "management.port" : "management.host and management.port",
                used ? "a port that is free" : "what this machine has"),
        cause);
  }
}
