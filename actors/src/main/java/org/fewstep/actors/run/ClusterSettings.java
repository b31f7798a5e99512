package org.fewstep.actors.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.remote.RemoteTransportException;
import org.fewstep.config.UserException;
import org.fewstep.protocol.bulk.RemoteBulkTransport;

/** What the nodes of a cluster have in common. */
final class ClusterSettings {
  /** All nodes must give their actor system the same name. */
  static final String SYSTEM = "fewstep";

  private ClusterSettings() {}

  /** Settings of a node that listens there. */
  static Config at(Endpoint endpoint) {
    return ConfigFactory.parseMap(
            Map.of(
                "pekko.remote.artery.canonical.hostname", endpoint.host(),
                "pekko.remote.artery.canonical.port", endpoint.port()))
        .withFallback(LocalRun.ours("cluster.conf"))
        .withFallback(RemoteBulkTransport.arterySettings())
        .withFallback(LocalRun.ours("local.conf"));
  }

  /** As Pekko writes it. */
  static String address(Endpoint endpoint) {
    return "pekko://" + SYSTEM + "@" + endpoint;
  }

  static Endpoint endpoint(ActorSystem<?> system) {
    Address self = Cluster.get(system).selfMember().address();
    return new Endpoint(self.getHost().orElseThrow(), self.getPort().orElseThrow());
  }

  /** Starts a system whose address may be taken or not be this machine's. */
  static <T> ActorSystem<T> listening(Endpoint endpoint, Supplier<ActorSystem<T>> start) {
    try {
      return start.get();
    } catch (RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof RemoteTransportException || cause instanceof java.net.BindException) {
          throw new UserException(
              "cannot listen at %s (%s); choose another --host or --port"
                  .formatted(endpoint, cause.getMessage()));
        }
      }
      throw e;
    }
  }
}
