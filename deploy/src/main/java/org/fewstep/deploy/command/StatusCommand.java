package org.fewstep.deploy.command;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.management.ManagementClient;
import org.fewstep.deploy.management.StatusView;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows how a run is. */
@Command(
    name = "status",
    description = {
      "Shows how a run is: where it stands, who takes part, what is being evaluated, the latest"
          + " scores, what is wrong.",
      "",
      "The run must have been started by seed, or with management.port set."
    })
public final class StatusCommand implements Callable<Integer> {
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  @Option(
      names = "--at",
      defaultValue = ManagementClient.DEFAULT_ADDRESS,
      paramLabel = "HOST:PORT",
      description = "the run's management port (default: ${DEFAULT-VALUE})")
  private String at = ManagementClient.DEFAULT_ADDRESS;

  @Option(
      names = "--trainers",
      paramLabel = "N",
      description = "wait until there is a run and so many trainers have done work for it")
  private int awaited;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      description = "how long --trainers waits (default: ${DEFAULT-VALUE})")
  private int patience = 600;

  @Option(names = "--json", description = "print the status as one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    if (awaited < 0 || patience < 1) {
      throw new UserException("--trainers must not be negative, and --patience at least 1 second");
    }
    Console console = Console.system(json);
    ManagementClient run = new ManagementClient(at);
    Json status = awaited == 0 ? run.get("/training/status") : awaitTrainers(run);
    StatusView.lines(status.tree()).forEach(console::human);
    console.json(status);
    return ExitCode.DONE;
  }

  private Json awaitTrainers(ManagementClient run) {
    long deadline = System.nanoTime() + Duration.ofSeconds(patience).toNanos();
    while (true) {
      try {
        Json status = run.get("/training/status");
        long working = StatusView.trainersAtWork(status.tree());
        if (working >= awaited) {
          return status;
        }
        if (System.nanoTime() > deadline) {
          throw new UserException(
              "%d of %d trainers are at work after %d s".formatted(working, awaited, patience));
        }
      } catch (UserException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(ASK_AGAIN.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted while waiting for trainers", e);
    }
  }
}
