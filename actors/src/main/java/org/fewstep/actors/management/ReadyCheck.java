package org.fewstep.actors.management;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/** Whether the run is ready, as {@code /training/health} explains. Named in the configuration. */
public final class ReadyCheck implements Supplier<CompletionStage<Boolean>> {
  private static final Duration PATIENCE = Duration.ofMillis(800);

  private final RunStatus status;

  public ReadyCheck(ActorSystem system) {
    status = new RunStatus(Adapter.toTyped(system));
  }

  @Override
  public CompletionStage<Boolean> get() {
    return status
        .status(PATIENCE)
        .handle((now, failure) -> now != null && now.get("health").get("ready").asBoolean());
  }
}
