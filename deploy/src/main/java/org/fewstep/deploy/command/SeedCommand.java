package org.fewstep.deploy.command;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.fewstep.actors.run.Endpoint;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.cluster.Endpoints;
import org.fewstep.deploy.cluster.LeadingProcess;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.train.PreparedRun;
import org.fewstep.deploy.train.TrainerRoll;
import org.fewstep.deploy.train.TrainingSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Leads a run that workers on other machines join. */
@Command(
    name = "seed",
    description = {
      "Leads a run that workers join and leave as they like: holds its parameters, cuts the work into"
          + " units, draws and scores samples, and leaves all of it in one folder.",
      "",
      "It trains nothing itself unless --roles says so. Ctrl-C saves a checkpoint and sends the workers"
          + " home; --resume goes on from there."
    })
public final class SeedCommand implements Callable<Integer> {
  /** What this process does. */
  enum Role {
    CORE,
    TRAINER;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  @Mixin private RunOptions options = new RunOptions();

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "name or address by which workers reach this machine (default: 127.0.0.1, this machine"
              + " alone)")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "where to listen; 0 for any that is free (default: ${DEFAULT-VALUE})")
  private int port = Endpoints.RUN_PORT;

  @Option(
      names = "--roles",
      paramLabel = "ROLE,...",
      split = ",",
      description =
          "core (leads, always), trainer (starts as many trainers here as the setting trainers says);"
              + " default: core")
  private Set<Role> roles = EnumSet.of(Role.CORE);

  @Override
  public Integer call() {
    Endpoint endpoint = new Endpoint(host, Endpoints.port("--port", port));
    Console console = options.console();
    Optional<PreparedRun> prepared =
        options.prepare(console, trainers -> roles.contains(Role.TRAINER) ? trainers : 0);
    if (prepared.isEmpty()) {
      return ExitCode.DONE;
    }
    PreparedRun run = prepared.get();
    TrainerRoll trainerRoll = new TrainerRoll(console);
    LeadingProcess leading = new LeadingProcess(run, endpoint, console, trainerRoll);
    return new TrainingSession(run, console, options.resume(), leading, trainerRoll).train();
  }
}
