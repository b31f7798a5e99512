package org.fewstep.deploy.command;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.fewstep.actors.run.Endpoint;
import org.fewstep.actors.run.StopRequest;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.cluster.Endpoints;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.protocol.NodeMessage.RunEnded;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Ends a run that is led elsewhere. */
@Command(
    name = "stop",
    description = {
      "Ends a run that a seed leads, from anywhere: it saves a checkpoint, sends its workers home and"
          + " ends; seed --resume goes on from there."
    })
public final class StopCommand implements Callable<Integer> {
  @Option(
      names = "--at",
      paramLabel = "HOST:PORT",
      description = "where the run is led (default: ${DEFAULT-VALUE})")
  private String at = "127.0.0.1:" + Endpoints.RUN_PORT;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      description = "how long to wait for an answer (default: ${DEFAULT-VALUE})")
  private int patience = 15;

  @Option(names = "--json", description = "print one JSON object per event: stopping, end")
  private boolean json;

  @Override
  public Integer call() {
    List<Endpoint> seeds = Endpoints.parse("--at", at);
    if (patience < 1) {
      throw new UserException("--patience must be at least 1 second, but is " + patience);
    }
    Console console = Console.system(json);
    LoggerFactory.getILoggerFactory();
    RunEnded ended = ended(seeds, console);
    if (!ended.failure().isEmpty()) {
      throw new UserException("the run did not end well: " + ended.failure());
    }
    console.human(
        "%s after %s images."
            .formatted(ended.stopped() ? "Stopped" : "Done", Numbers.grouped(ended.images())));
    console.json(Json.event("end").put("images", ended.images()).put("stopped", ended.stopped()));
    return ExitCode.DONE;
  }

  private RunEnded ended(List<Endpoint> seeds, Console console) {
    try {
      return StopRequest.send(
              seeds,
              new Endpoint(Endpoints.hostTowards(seeds.get(0)), 0),
              Duration.ofSeconds(patience),
              run -> {
                console.human("Stopping %s: it saves a checkpoint ...".formatted(run));
                console.json(Json.event("stopping").put("run", run));
              })
          .toCompletableFuture()
          .join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
