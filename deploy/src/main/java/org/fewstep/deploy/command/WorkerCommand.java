package org.fewstep.deploy.command;

import com.typesafe.config.Config;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.fewstep.actors.run.Endpoint;
import org.fewstep.actors.run.WorkerNode;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.deploy.Version;
import org.fewstep.deploy.cluster.Endpoints;
import org.fewstep.deploy.cluster.WorkerProcess;
import org.fewstep.deploy.cluster.WorkerSupervisor;
import org.fewstep.deploy.output.Console;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.device.Devices;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Works for a run that is led elsewhere. */
@Command(
    name = "worker",
    description = {
      "Joins a run and computes for it, until it ends: one process for each device, started and"
          + " watched by this command. The run's settings come from the run; its data must lie on this"
          + " machine.",
      "",
      "Ctrl-C or SIGTERM ends the units under way, hands them over and leaves. Workers may come and go"
          + " at any time: the result stays the same."
    })
public final class WorkerCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--join",
      paramLabel = "HOST:PORT,...",
      required = true,
      description = "where the run is led; of several places one that answers is enough")
  private String join = "";

  @Option(
      names = "--devices",
      paramLabel = "N,...",
      split = ",",
      description =
          "a process for each: on processors they share the cores, of CUDA each has the device of that"
              + " number (default: 0, one process)")
  private List<String> devices = List.of("0");

  @Option(
      names = "--roles",
      paramLabel = "ROLE,...",
      split = ",",
      description =
          "trainer (computes gradients), loader (reads images for the trainer beside it, and comes"
              + " with it), evaluator (draws and scores samples); default: trainer,loader")
  private Set<WorkerNode.Role> roles = EnumSet.of(WorkerNode.Role.TRAINER);

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "where the run's data set lies on this machine (default: where the run has it)")
  private @Nullable String data;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "threads of each device's computations; 0 for all cores (default: the run's setting, or"
              + " the cores divided among --devices where that is 0)")
  private @Nullable Integer threads;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "of this machine's workers, unlike others' (default: host and process)")
  private @Nullable String name;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "name or address by which the run reaches this machine (default: the one on the way to"
              + " --join)")
  private @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "where the first device listens, the others on the ports after it; 0 for any that are free"
              + " (default: 0)")
  private int port;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      description = "how long to look for the run (default: ${DEFAULT-VALUE})")
  private int patience = 60;

  @Option(
      names = "--json",
      description = "print one JSON object per event: started, joined, left, end")
  private boolean json;

  @Parameters(
      index = "0..*",
      paramLabel = "pekko.key=value",
      description = "settings of Pekko on this machine")
  private List<String> overrides = List.of();

  @Option(names = "--device", hidden = true)
  private @Nullable String device;

  @Option(names = "--node-name", hidden = true)
  private String nodeName = "";

  @Option(names = "--node-owner", hidden = true)
  private String nodeOwner = "";

  @Override
  public Integer call() {
    List<Endpoint> seeds = Endpoints.parse("--join", join);
    check();
    Config pekko = RunConfigLoader.pekko(overrides);
    Console console = Console.system(json);
    if (device == null) {
      String ours = name == null ? hostName() + "-" + ProcessHandle.current().pid() : name;
      return new WorkerSupervisor(originalArguments(), devices, ours, console, json).run();
    }
    String here = host == null ? Endpoints.hostTowards(seeds.get(0)) : host;
    int portHere = port == 0 ? 0 : port + devices.indexOf(device);
    return new WorkerProcess(
            new WorkerNode.Settings(
                nodeName,
                nodeOwner,
                System.currentTimeMillis() / 1000,
                rolesOfNode(),
                Version.text(),
                seeds,
                new Endpoint(here, portHere),
                Duration.ofSeconds(patience)),
            new WorkerProcess.Options(
                absolute(data),
                threads == null ? WorkerProcess.Options.AS_THE_RUN : threads,
                Devices.of(Integer.parseInt(device)),
                devices.size()),
            pekko,
            console)
        .run();
  }

  private void check() {
    Endpoints.port("--port", port);
    if (threads != null && (threads < 0 || threads > CpuThreads.MOST)) {
      throw new UserException(
          "--threads must be from 0 to %d, but is %d".formatted(CpuThreads.MOST, threads));
    }
    if (patience < 1) {
      throw new UserException("--patience must be at least 1 second, but is " + patience);
    }
    if (roles.contains(WorkerNode.Role.LOADER) && !roles.contains(WorkerNode.Role.TRAINER)) {
      throw new UserException(
          "--roles with loader must include trainer: a loader reads for the trainer beside it,"
              + " because images never travel");
    }
    if (new LinkedHashSet<>(devices).size() != devices.size()
        || !devices.stream().allMatch(one -> one.matches("[0-9]{1,4}"))) {
      throw new UserException(
          "--devices must list different numbers, as in 0,1, but is " + String.join(",", devices));
    }
    if (name != null && !name.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new UserException(
          "--name must consist of letters, digits, dots and dashes, but is '" + name + "'");
    }
    if (data != null && data.isBlank()) {
      throw new UserException("--data must not be empty");
    }
  }

  private Set<WorkerNode.Role> rolesOfNode() {
    Set<WorkerNode.Role> all = EnumSet.copyOf(roles);
    if (all.contains(WorkerNode.Role.TRAINER)) {
      all.add(WorkerNode.Role.LOADER);
    }
    return all;
  }

  private List<String> originalArguments() {
    if (spec == null) {
      throw new IllegalStateException("not called by the command line");
    }
    return new ArrayList<>(spec.root().commandLine().getParseResult().originalArgs());
  }

  private static @Nullable String absolute(@Nullable String path) {
    return path == null || path.startsWith("builtin:") || Path.of(path).isAbsolute()
        ? path
        : Path.of(path).toAbsolutePath().toString();
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
    } catch (UnknownHostException e) {
      return "worker";
    }
  }
}
