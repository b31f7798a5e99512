package org.fewstep.deploy.command;

import org.fewstep.config.UserException;
import picocli.CommandLine.Command;

/** What concerns the networks that scores are taken on. */
@Command(
    name = "features",
    description =
        "Trains or fetches the networks that scores are taken on, and computes reference statistics.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      FeaturesTrainCommand.class,
      FeaturesFetchCommand.class,
      FeaturesReferenceCommand.class
    })
public final class FeaturesCommand implements Runnable {
  @Override
  public void run() {
    throw new UserException(
        "a command is missing: train, fetch or reference; see ./fewstep features --help");
  }
}
