package org.fewstep.deploy.command;

import java.util.concurrent.Callable;
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
  @Option(
      names = "--at",
      defaultValue = ManagementClient.DEFAULT_ADDRESS,
      paramLabel = "HOST:PORT",
      description = "the run's management port (default: ${DEFAULT-VALUE})")
  private String at = ManagementClient.DEFAULT_ADDRESS;

  @Option(names = "--json", description = "print the status as one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    Console console = Console.system(json);
    Json status = new ManagementClient(at).get("/training/status");
    StatusView.lines(status.tree()).forEach(console::human);
    console.json(status);
    return ExitCode.DONE;
  }
}
