package org.fewstep.deploy.command;

import org.fewstep.config.UserException;
import picocli.CommandLine.Command;

/** What concerns data sets. */
@Command(
    name = "data",
    description = "Fetches data sets, makes them from pictures, and shows what is in them.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {DataFetchCommand.class, DataConvertCommand.class, DataInspectCommand.class})
public final class DataCommand implements Runnable {
  @Override
  public void run() {
    throw new UserException(
        "a command is missing: fetch, convert or inspect; see ./fewstep data --help");
  }
}
