package org.fewstep.deploy.command;

import org.fewstep.config.UserException;
import picocli.CommandLine.Command;

/** Comparisons with what a user would pick instead. */
@Command(
    name = "bench",
    description = "Compares speed with what one would pick instead.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchStepCommand.class})
public final class BenchCommand implements Runnable {
  @Override
  public void run() {
    throw new UserException("a command is missing: step; see ./fewstep bench --help");
  }
}
