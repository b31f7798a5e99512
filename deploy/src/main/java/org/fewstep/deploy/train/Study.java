package org.fewstep.deploy.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.StudyConfig;
import org.fewstep.config.StudyRun;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.model.checkpoint.InitialWeights;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.device.Devices;
import org.fewstep.model.run.Teacher;

/**
 * Trains the runs of a study that have not ended yet, one after the other. Everything that can be
 * known to be wrong with any of them is said before the first one begins.
 */
public final class Study {
  private final Path file;
  private final StudyConfig config;
  private final String metric;

  /** In the order of training. */
  private final List<StudyMember> members = new ArrayList<>();

  private Study(Path file, StudyConfig config, String metric) {
    this.file = file;
    this.config = config;
    this.metric = metric;
    Map<Path, LoadedRun> planned = new LinkedHashMap<>();
    for (StudyRun run : config.inTrainingOrder()) {
      LoadedRun loaded = named(run, () -> RunConfigLoader.load(run, planned));
      planned.put(run.folder(), loaded);
      members.add(new StudyMember(run, loaded, metric));
    }
  }

  /**
   * Reads a study, with the settings of all its runs.
   *
   * @param metric to compare by; empty for the study's own
   * @throws UserException if there is none, or its runs cannot be compared
   */
  public static Study read(Path file, Optional<String> metric) {
    StudyConfig config = StudyConfig.load(file);
    Study study = new Study(file, config, metric.orElse(config.metric()));
    for (StudyMember member : study.members) {
      if (!member.config().evaluation().scored()) {
        throw study.refusal(
            member.run(),
            "evaluation.features is none, so nothing of it could be compared; name a feature network");
      }
    }
    study.checkAlike("evaluation.reference", c -> c.evaluation().reference());
    study.checkAlike("evaluation.samples", c -> c.evaluation().samples());
    return study;
  }

  private void checkAlike(String key, Function<RunConfig, Object> value) {
    StudyMember first = members.get(0);
    for (StudyMember member : members) {
      if (!value.apply(member.config()).equals(value.apply(first.config()))) {
        throw refusal(
            member.run(),
            "%s is %s, but %s for run %s; scores compare only where it is the same"
                .formatted(
                    key,
                    value.apply(member.config()),
                    value.apply(first.config()),
                    first.run().entry().name()));
      }
    }
  }

  /** Folders of each entry's runs. */
  public Map<String, List<Path>> folders() {
    Map<String, List<Path>> folders = new LinkedHashMap<>();
    for (StudyRun run : config.all()) {
      folders.computeIfAbsent(run.entry().name(), name -> new ArrayList<>()).add(run.folder());
    }
    return folders;
  }

  /** What to compare by. */
  public String metric() {
    return metric;
  }

  /**
   * Trains what is missing; a run that was interrupted goes on from its newest checkpoint.
   *
   * @return an {@link ExitCode}; the first that is not {@link ExitCode#DONE} ends the study
   * @throws UserException if one of the runs could not be trained or compared; nothing was trained
   */
  public int train(Console console) {
    List<StudyMember> missing = members.stream().filter(member -> !member.ended()).toList();
    int number = members.size() - missing.size();
    if (number > 0) {
      console.note(
          "fewstep: %d of the study's %d runs have ended already"
              .formatted(number, members.size()));
    }
    if (!missing.isEmpty()) {
      CpuThreads.use(missing.get(0).config().threads()); // before anything computes
    }
    check(console);
    for (StudyMember member : missing) {
      number++;
      boolean resume = RunFolder.is(member.folder());
      console.note(
          "fewstep: run %d of %d, %s in %s%s"
              .formatted(
                  number,
                  members.size(),
                  member.name(),
                  member.folder(),
                  resume ? ", goes on" : ""));
      CpuThreads.use(member.config().threads());
      PreparedRun run = PreparedRun.of(member.name(), member.loaded(), member.folder());
      int code = new TrainingSession(run, console.progressOnly(), resume).train();
      if (code != ExitCode.DONE) {
        return code;
      }
      if (!member.ended()) {
        throw member.lacksScores();
      }
    }
    return ExitCode.DONE;
  }

  /** Looks at everything that the runs' settings name, and at what lies in their folders. */
  private void check(Console console) {
    differentData().ifPresent(console::note);
    Map<Path, StepModelSpec> planned = new LinkedHashMap<>();
    for (StudyMember member : members) {
      if (member.ended()) {
        member.changes().forEach(console::note);
      } else {
        planned.put(member.folder(), named(member.run(), () -> check(member, planned, console)));
      }
    }
  }

  /**
   * Checks a run that is still to be trained.
   *
   * @param planned networks of the runs that are trained before it
   */
  private StepModelSpec check(
      StudyMember member, Map<Path, StepModelSpec> planned, Console console) {
    Devices.ofProcess(member.config().trainers());
    boolean weights = member.run().sources().stream().noneMatch(planned::containsKey);
    PreparedRun run =
        weights
            ? PreparedRun.of(member.name(), member.loaded(), member.folder())
            : PreparedRun.withoutWeights(member.name(), member.loaded(), member.folder());
    try (EvaluationTools tools = new EvaluationTools(run.view(), run.scoring())) {
      checkMetric(tools);
    }
    if (!weights) {
      checkSources(member, run.spec(), planned);
    }
    member.checkFolder(run, weights, console);
    run.outline()
        .memoryWarning()
        .ifPresent(
            sentence -> console.note("fewstep: run %s: %s".formatted(member.name(), sentence)));
    return run.spec();
  }

  private void checkMetric(EvaluationTools tools) {
    List<String> names = Objects.requireNonNull(tools.scoring()).measurement().valueNames();
    if (!names.contains(metric)) {
      throw new UserException(
          "evaluation.features and evaluation.metrics give the score%s %s, but the study compares by %s"
              .formatted(names.size() == 1 ? "" : "s", String.join(", ", names), metric));
    }
  }

  private static void checkSources(
      StudyMember member, StepModelSpec spec, Map<Path, StepModelSpec> planned) {
    RunConfig config = member.config();
    for (Path source : member.run().sources()) {
      StepModelSpec theirs = planned.get(source);
      if (theirs == null) {
        continue;
      }
      if (config.initFrom().equals(source.toString())) {
        InitialWeights.checkArchitecture(theirs, spec, "init-from = " + source);
      } else {
        Teacher.checkFits(theirs, spec, config);
      }
    }
  }

  private Optional<String> differentData() {
    Map<String, String> firstOf = new LinkedHashMap<>();
    members.forEach(member -> firstOf.putIfAbsent(member.config().data().path(), member.name()));
    return firstOf.size() == 1
        ? Optional.empty()
        : Optional.of(
            "fewstep: the study's runs learn from different data: "
                + String.join(
                    ", ",
                    firstOf.entrySet().stream()
                        .map(e -> e.getValue() + " from " + e.getKey())
                        .toList()));
  }

  /** Says of whatever is wrong whose it is. */
  private <T> T named(StudyRun run, Supplier<T> work) {
    try {
      return work.get();
    } catch (UserException e) {
      throw new UserException(about(run) + e.getMessage(), e);
    }
  }

  private UserException refusal(StudyRun run, String problem) {
    return new UserException(about(run) + problem);
  }

  private String about(StudyRun run) {
    return "%s, run %s: ".formatted(file, run.entry().name());
  }
}
