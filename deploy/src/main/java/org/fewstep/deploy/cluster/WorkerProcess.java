package org.fewstep.deploy.cluster;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.loader.UnitSource;
import org.fewstep.actors.run.WorkParts;
import org.fewstep.actors.run.WorkerNode;
import org.fewstep.actors.run.WorkerNode.Outcome;
import org.fewstep.actors.trainer.Learner;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.Interruption;
import org.fewstep.deploy.data.FetchableData;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.deploy.train.EvaluationTools;
import org.fewstep.deploy.train.TrainerParts;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.device.Device;
import org.fewstep.model.optim.LocalSteps;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.model.run.Teacher;
import org.fewstep.protocol.NodeMessage.RunEnded;
import org.fewstep.protocol.NodeMessage.RunOffer;
import org.fewstep.protocol.bulk.RemoteBulkTransport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** One device's process: looks for the run, gets everything it needs from it, and works. */
public final class WorkerProcess {
  private static final int SHOWN_DIGITS = 12;

  private final WorkerNode.Settings settings;
  private final Options options;
  private final Config pekko;
  private final Console console;

  /**
   * What holds on this node only.
   *
   * @param data where the run's data set lies here; null for where the run's settings say
   * @param threads of computations, or {@link #AS_THE_RUN}
   * @param device what this process computes on
   * @param devices processes on this machine, which share its cores
   */
  public record Options(@Nullable String data, int threads, Device device, int devices) {
    /** As many threads as the run's settings say. */
    public static final int AS_THE_RUN = -1;
  }

  /**
   * @param pekko the user's settings for Pekko on this node
   */
  public WorkerProcess(
      WorkerNode.Settings settings, Options options, Config pekko, Console console) {
    this.settings = settings;
    this.options = options;
    this.pekko = pekko;
    this.console = console;
  }

  /** Works until the run ends or the process is told to; returns how the process ends. */
  public int run() {
    // Once, by one thread: several that log first at the same time make SLF4J complain.
    LoggerFactory.getILoggerFactory();
    WorkerNode node =
        WorkerNode.start(settings, this::prepare, new News(), pekko, RemoteBulkTransport::spawn);
    Runnable stop =
        () -> {
          console.note("leaving: the unit under way is being finished ...");
          node.stop();
        };
    Interruption interruption = Interruption.with(stop);
    stopWithParent(node);
    try {
      return end(node.finished().toCompletableFuture().join());
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } finally {
      interruption.close();
    }
  }

  /**
   * Whoever started this process holds the other end of its standard input, and must not outlive.
   */
  private static void stopWithParent(WorkerNode node) {
    Thread watch =
        new Thread(
            () -> {
              try (InputStream in = System.in) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
              } catch (IOException e) {
                // gone, too
              }
              node.stop();
            },
            "parent-watch");
    watch.setDaemon(true);
    watch.start();
  }

  private WorkParts prepare(RunOffer offer) {
    List<String> overrides = new ArrayList<>();
    if (options.data() != null) {
      overrides.add("data.path=" + options.data());
    }
    LoadedRun run = RunConfigLoader.fromText(offer.settings(), "the run's settings", overrides);
    CpuThreads.use(threads(run.config().threads()));
    String path = run.config().data().path();
    ModelFactory.checkBuilt(run.config());
    FetchableData.checkFetched(path);
    ImageDataset dataset = Datasets.open(path);
    if (!dataset.fingerprint().equals(offer.dataFingerprint())) {
      throw new UserException(
          "the data set at %s is not the run's (fingerprint %s here, %s there): --data says where the run's lies on this machine"
              .formatted(path, shown(dataset.fingerprint()), shown(offer.dataFingerprint())));
    }
    StepModelSpec spec = ModelFactory.spec(run.config(), dataset);
    Optional<Teacher> teacher = Teacher.of(run.config(), spec);
    String model = ModelFactory.modelHash(spec, spec.network().parameters(), teacher);
    if (!model.equals(offer.modelHash())) {
      throw new UserException(
          "this node makes another model of the run's settings (%s here, %s there): use the same Fewstep on both"
              .formatted(shown(model), shown(offer.modelHash())));
    }
    TrainerParts parts = new TrainerParts(run.config(), dataset, spec, teacher);
    EvaluationTools tools =
        settings.roles().contains(WorkerNode.Role.EVALUATOR)
            ? tools(run, dataset, offer.evaluationChecksums())
            : new EvaluationTools(null, null);
    return new WorkParts() {
      @Override
      public Device device() {
        return options.device();
      }

      @Override
      public Learner newLearner() {
        return parts.newLearner();
      }

      @Override
      public LocalSteps newLocalSteps() {
        return parts.newLocalSteps();
      }

      @Override
      public UnitSource newUnitSource() {
        return parts.newUnitSource();
      }

      @Override
      public Evaluations newEvaluations() {
        return parts.newEvaluations(tools);
      }
    };
  }

  private static EvaluationTools tools(
      LoadedRun run, ImageDataset dataset, Map<String, String> ofRun) {
    try {
      EvaluationTools tools = EvaluationTools.open(run.config(), dataset);
      try {
        EvaluationTools.checkSame(EvaluationTools.checksums(run.config(), tools.scoring()), ofRun);
      } catch (UserException e) {
        tools.close();
        throw e;
      }
      return tools;
    } catch (UserException e) {
      throw new UserException(
          "this machine cannot evaluate for the run: %s; put it where the run has it, or leave evaluator out of --roles"
              .formatted(e.getMessage()),
          e);
    }
  }

  private int threads(int ofRun) {
    if (options.threads() != Options.AS_THE_RUN) {
      return options.threads();
    }
    return ofRun == 0 && options.devices() > 1
        ? Math.max(1, Runtime.getRuntime().availableProcessors() / options.devices())
        : ofRun;
  }

  private static String shown(String hash) {
    return hash.substring(0, Math.min(SHOWN_DIGITS, hash.length()));
  }

  private int end(Outcome outcome) {
    return switch (outcome.reason()) {
      case RUN_ENDED -> {
        RunEnded news = java.util.Objects.requireNonNull(outcome.news());
        say(
            ended(news),
            Json.event("end")
                .put("images", news.images())
                .put("stopped", news.stopped())
                .put("failure", news.failure().isEmpty() ? null : news.failure()));
        yield ExitCode.DONE;
      }
      case DRAINED -> {
        say("Left the run.", Json.event("left"));
        yield ExitCode.INTERRUPTED;
      }
      case LOST -> {
        console.note("fewstep: the run does not answer any more");
        yield WorkerSupervisor.RUN_LOST;
      }
    };
  }

  private static String ended(RunEnded news) {
    if (!news.failure().isEmpty()) {
      return "The run ended: " + news.failure();
    }
    return "The run %s after %s images."
        .formatted(news.stopped() ? "was stopped" : "is done", Numbers.grouped(news.images()));
  }

  private void say(String sentence, Json json) {
    console.human(sentence);
    console.json(json);
  }

  private final class News implements WorkerNode.Listener {
    private String run = "";

    @Override
    public void onFound(RunOffer offer) {
      run = offer.run();
      console.human("Found the run %s; preparing its model and data ...".formatted(run));
    }

    @Override
    public void onWorking() {
      console.human("Joined %s as %s.".formatted(run, settings.name()));
      console.json(
          Json.event("joined")
              .put("run", run)
              .put("name", settings.name())
              .put("incarnation", settings.incarnation()));
    }
  }
}
