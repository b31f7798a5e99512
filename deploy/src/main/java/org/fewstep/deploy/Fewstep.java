package org.fewstep.deploy;

import org.fewstep.config.UserException;
import org.fewstep.deploy.command.BenchCommand;
import org.fewstep.deploy.command.CompareCommand;
import org.fewstep.deploy.command.DataCommand;
import org.fewstep.deploy.command.EvaluateCommand;
import org.fewstep.deploy.command.FeaturesCommand;
import org.fewstep.deploy.command.ImportCommand;
import org.fewstep.deploy.command.SampleCommand;
import org.fewstep.deploy.command.ScheduleCommand;
import org.fewstep.deploy.command.SeedCommand;
import org.fewstep.deploy.command.SelfcheckCommand;
import org.fewstep.deploy.command.StatusCommand;
import org.fewstep.deploy.command.StopCommand;
import org.fewstep.deploy.command.TrainCommand;
import org.fewstep.deploy.command.VerifyCommand;
import org.fewstep.deploy.command.WorkerCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/**
 * The {@code fewstep} command: hands over to its subcommands and turns failures into exit codes.
 */
@Command(
    name = "fewstep",
    description = "Trains image generators that need few steps, samples from them and scores them.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    usageHelpAutoWidth = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:ran, and what it checks does not hold",
      "2:a mistake in what was asked, or an unusable environment; one sentence says which",
      "70:a defect of the program; a file with a report says more",
      "130:stopped by Ctrl-C or SIGTERM after a clean checkpoint"
    },
    subcommands = {
      TrainCommand.class,
      SeedCommand.class,
      WorkerCommand.class,
      StopCommand.class,
      SampleCommand.class,
      EvaluateCommand.class,
      VerifyCommand.class,
      SelfcheckCommand.class,
      CompareCommand.class,
      ImportCommand.class,
      DataCommand.class,
      FeaturesCommand.class,
      BenchCommand.class,
      StatusCommand.class,
      ScheduleCommand.class
    })
public final class Fewstep implements Runnable {

  /** Ends the process with an {@link ExitCode}. */
  public static void main(String[] args) {
    int code = run(args);
    Interruption.commandEnded(code);
    System.exit(code);
  }

  /** What {@link #main} does, without its end of the process; returns an {@link ExitCode}. */
  public static int run(String... args) {
    // Else it writes its warnings to standard error itself.
    System.setProperty("org.bytedeco.javacpp.logger", "slf4j");
    Failures failures = Failures.system(args);
    try {
      return new CommandLine(new Fewstep())
          .setParameterExceptionHandler(
              (mistake, all) ->
                  failures.report(new UserException(ParameterMistake.sentence(mistake))))
          .setExecutionExceptionHandler((failure, command, parsed) -> failures.report(failure))
          .execute(args);
    } catch (Error failure) { // such as a full memory; the parser handles exceptions only
      return failures.report(failure);
    }
  }

  @Override
  public void run() {
    throw new UserException("a command is missing, such as train; see ./fewstep --help");
  }
}
