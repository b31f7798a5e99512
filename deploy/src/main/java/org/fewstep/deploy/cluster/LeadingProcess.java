package org.fewstep.deploy.cluster;

import java.util.Optional;
import org.fewstep.actors.coordinator.RunListener;
import org.fewstep.actors.run.CoreNode;
import org.fewstep.actors.run.Endpoint;
import org.fewstep.actors.run.OpenRun;
import org.fewstep.actors.run.RunSettings;
import org.fewstep.actors.run.StartedRun;
import org.fewstep.actors.run.TrainingFactory;
import org.fewstep.config.ManagementConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.deploy.Version;
import org.fewstep.deploy.management.ManagementClient;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.train.EvaluationTools;
import org.fewstep.deploy.train.PreparedRun;
import org.fewstep.deploy.train.TrainerRoll;
import org.fewstep.deploy.train.TrainingSession;
import org.fewstep.protocol.bulk.RemoteBulkTransport;

/** Starts a run that other nodes can join, and says where. */
public final class LeadingProcess implements TrainingSession.Launcher {
  private final PreparedRun run;
  private final Endpoint endpoint;
  private final Console console;
  private final TrainerRoll trainers;

  /**
   * @param endpoint to listen at
   * @param trainers is told how others join
   */
  public LeadingProcess(PreparedRun run, Endpoint endpoint, Console console, TrainerRoll trainers) {
    this.trainers = trainers;
    this.run = run;
    this.endpoint = endpoint;
    this.console = console;
  }

  /** A run that is led for others can always be asked how it is. */
  @Override
  public Optional<ManagementConfig.Endpoint> management(ManagementConfig settings) {
    return Optional.of(
        new ManagementConfig.Endpoint(
            settings.host(), settings.port().orElse(ManagementClient.DEFAULT_PORT)));
  }

  @Override
  public StartedRun start(RunSettings settings, TrainingFactory parts, RunListener recorder) {
    CoreNode core =
        CoreNode.start(
            settings,
            parts,
            recorder,
            run.config().pekko(),
            new OpenRun(
                run.name(),
                RunConfigLoader.render(run.loaded().resolved()),
                EvaluationTools.checksums(run.config(), run.scoring()),
                Version.text()),
            endpoint,
            RemoteBulkTransport::spawn);
    Endpoint there = core.endpoint();
    String join = "./fewstep worker --join " + there;
    trainers.joinBy(join);
    console.human("  join by     " + join);
    console.json(
        Json.event("listening")
            .put("host", there.host())
            .put("port", there.port())
            .put("join", there.toString())
            .put("management", core.management().orElse(null)));
    return core;
  }
}
