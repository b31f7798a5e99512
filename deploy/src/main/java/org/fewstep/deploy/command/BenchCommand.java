package org.fewstep.deploy.command;

import org.fewstep.config.UserException;
import picocli.CommandLine.Command;

/** What concerns speed. */
@Command(
    name = "bench",
    description =
        "Tells how fast it is: against libtorch and a bare socket, and where a run's time goes.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchStepCommand.class, BenchRunCommand.class, BenchTransferCommand.class})
public final class BenchCommand implements Runnable {
  @Override
  public void run() {
    throw new UserException(
        "a command is missing: step, run or transfer; see ./fewstep bench --help");
  }
}
