package org.fewstep.deploy.command;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.train.PreparedRun;
import org.fewstep.deploy.train.TrainingSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Trains on this machine. */
@Command(
    name = "train",
    description = {
      "Trains a generator on this machine, draws and scores samples on the way, and leaves all of it"
          + " in one folder.",
      "",
      "Ctrl-C saves a checkpoint and ends; --resume goes on from there."
    })
public final class TrainCommand implements Callable<Integer> {
  @Mixin private RunOptions options = new RunOptions();

  @Override
  public Integer call() {
    Console console = options.console();
    Optional<PreparedRun> run = options.prepare(console);
    return run.isEmpty()
        ? ExitCode.DONE
        : new TrainingSession(run.get(), console, options.resume()).train();
  }
}
