package org.fewstep.actors.management;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.fewstep.protocol.CoordinatorMessage;
import org.jspecify.annotations.Nullable;

/**
 * What an actor system's management routes know: the run's coordinator once there is one, the
 * process's metrics, where the run writes. Safe for several threads.
 */
public final class RunManagement implements Extension {
  private static final Id ID = new Id();

  private final RunMetrics metrics = new RunMetrics();
  private volatile @Nullable ActorRef<CoordinatorMessage> coordinator;
  private volatile @Nullable Path folder;

  /** The key under which a system keeps its own. */
  static final class Id extends ExtensionId<RunManagement> {
    @Override
    public RunManagement createExtension(ActorSystem<?> system) {
      return new RunManagement();
    }
  }

  private RunManagement() {}

  /** That of an actor system. */
  public static RunManagement get(ActorSystem<?> system) {
    return ID.apply(system);
  }

  public RunMetrics metrics() {
    return metrics;
  }

  /** Whom to ask from now on. */
  public void coordinator(ActorRef<CoordinatorMessage> newCoordinator) {
    coordinator = newCoordinator;
  }

  Optional<ActorRef<CoordinatorMessage>> coordinator() {
    return Optional.ofNullable(coordinator);
  }

  /** Where the run writes; its disk is watched from now on. */
  public void folder(Path newFolder) {
    folder = newFolder;
  }

  Optional<Path> folder() {
    return Optional.ofNullable(folder);
  }
}
