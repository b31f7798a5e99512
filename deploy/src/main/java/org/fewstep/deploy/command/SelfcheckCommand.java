package org.fewstep.deploy.command;

import org.fewstep.config.UserException;
import picocli.CommandLine.Command;

/** What shows on this machine whether the program does what it claims. */
@Command(
    name = "selfcheck",
    description = "Runs what shows on this machine whether the program does what it claims.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = SelfcheckToysCommand.class)
public final class SelfcheckCommand implements Runnable {
  @Override
  public void run() {
    throw new UserException("a command is missing: toys; see ./fewstep selfcheck --help");
  }
}
