package org.fewstep.deploy.command;

import org.fewstep.config.UserException;
import picocli.CommandLine.Command;

/** What concerns speed. */
@Command(
    name = "bench",
    description =
        "Tells how fast it is: against libtorch, ONNX Runtime, SciPy and a bare socket, and where a run's time goes.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchStepCommand.class,
      BenchSampleCommand.class,
      BenchRunCommand.class,
      BenchTransferCommand.class,
      BenchScoreCommand.class
    })
public final class BenchCommand implements Runnable {
  @Override
  public void run() {
    throw new UserException(
        "a command is missing: step, sample, run, transfer or score; see ./fewstep bench --help");
  }
}
