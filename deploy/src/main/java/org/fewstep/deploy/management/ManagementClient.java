package org.fewstep.deploy.management;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.fewstep.config.UserException;
import org.fewstep.deploy.output.Json;

/** Asks a run over HTTP. */
public final class ManagementClient {
  /** Where the management port of {@code seed} is unless it is told otherwise. */
  public static final int DEFAULT_PORT = 7626;

  /** Where a run is asked unless another one is named. */
  public static final String DEFAULT_ADDRESS = "127.0.0.1:" + DEFAULT_PORT;

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int FIRST_ERROR = 400;

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private static final int LARGEST_PORT = 65535;

  private final String address;
  private final URI base;

  /**
   * @param address host and port
   * @throws UserException if it is none
   */
  public ManagementClient(String address) {
    this.address = address;
    try {
      this.base = URI.create("http://" + address);
    } catch (IllegalArgumentException e) {
      throw notAnAddress(address);
    }
    if (base.getHost() == null
        || base.getPort() < 1
        || base.getPort() > LARGEST_PORT
        || !base.getPath().isEmpty()) {
      throw notAnAddress(address);
    }
  }

  private static UserException notAnAddress(String address) {
    return new UserException(
        "--at must be a host and a port, such as %s, but is %s"
            .formatted(DEFAULT_ADDRESS, address));
  }

  public Json get(String path) {
    return answer(request(path).GET().build());
  }

  public Json post(String path) {
    return answer(request(path).POST(BodyPublishers.noBody()).build());
  }

  /** Replaces what lies at a path if it still has a version. */
  public Json put(String path, long expectedVersion, String body) {
    return answer(
        request(path)
            .header("If-Match", "\"" + expectedVersion + "\"")
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(body))
            .build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE);
  }

  /**
   * The answer to a request.
   *
   * @throws UserException if there is none, or it is a refusal
   */
  private Json answer(HttpRequest request) {
    HttpResponse<String> response;
    try {
      response = client.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UserException(
          ("no run answers at %s (%s): is one running there, by seed or with management.port"
                  + " set? Another address goes into --at")
              .formatted(
                  address, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted while waiting for " + address, e);
    }
    Json body;
    try {
      body = Json.parse(response.body());
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "what answers at %s is no run of Fewstep (status %d)"
              .formatted(address, response.statusCode()),
          e);
    }
    if (response.statusCode() >= FIRST_ERROR) {
      throw new UserException(
          body.has("error")
              ? body.text("error")
              : "%s answered with status %d".formatted(address, response.statusCode()));
    }
    return body;
  }
}
