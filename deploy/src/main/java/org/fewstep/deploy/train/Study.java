package org.fewstep.deploy.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.StudyConfig;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;

/** Trains the runs of a study that have not ended yet, one after the other. */
public final class Study {
  private final StudyConfig config;
  private final List<Member> members = new ArrayList<>();

  private record Member(StudyConfig.Entry entry, Path folder, LoadedRun loaded) {
    /** Whether each score of the run's end is there; the checkpoints need not be. */
    boolean ended() {
      if (!RunFolder.is(folder) || !Files.exists(RunFolder.open(folder).scores())) {
        return false;
      }
      EvaluationConfig evaluation = loaded.config().evaluation();
      List<Score> last =
          ScoreJson.read(RunFolder.open(folder).scores()).stream()
              .filter(score -> score.images() >= loaded.config().images())
              .toList();
      return evaluation.steps().stream()
          .allMatch(steps -> last.stream().anyMatch(score -> score.steps() == steps));
    }
  }

  /**
   * @throws UserException if the settings of a run are no valid run
   */
  public Study(StudyConfig config) {
    this.config = config;
    for (StudyConfig.Entry entry : config.runs()) {
      for (long seed : entry.seeds()) {
        LoadedRun loaded;
        try {
          loaded = RunConfigLoader.load(entry.preset(), config.settings(entry, seed));
        } catch (UserException e) {
          throw new UserException(
              "run %s of the study: %s".formatted(entry.name(), e.getMessage()), e);
        }
        members.add(new Member(entry, config.folder(entry, seed), loaded));
      }
    }
  }

  /** Folders of each entry's runs. */
  public Map<String, List<Path>> folders() {
    Map<String, List<Path>> folders = new LinkedHashMap<>();
    for (Member member : members) {
      folders
          .computeIfAbsent(member.entry().name(), name -> new ArrayList<>())
          .add(member.folder());
    }
    return folders;
  }

  /**
   * Trains what is missing; a run that was interrupted goes on from its newest checkpoint.
   *
   * @return an {@link ExitCode}; the first that is not {@link ExitCode#DONE} ends the study
   */
  public int train(Console console) {
    List<Member> missing = members.stream().filter(member -> !member.ended()).toList();
    int number = members.size() - missing.size();
    if (number > 0) {
      console.note(
          "fewstep: %d of the study's %d runs have ended already"
              .formatted(number, members.size()));
    }
    for (Member member : missing) {
      number++;
      boolean resume = RunFolder.is(member.folder());
      console.note(
          "fewstep: run %d of %d, %s in %s%s"
              .formatted(
                  number,
                  members.size(),
                  member.entry().name(),
                  member.folder(),
                  resume ? ", goes on" : ""));
      CpuThreads.use(member.loaded().config().threads());
      PreparedRun run = PreparedRun.of(member.entry().name(), member.loaded(), member.folder());
      int code = new TrainingSession(run, console.progressOnly(), resume).train();
      if (code != ExitCode.DONE) {
        return code;
      }
      if (!member.ended()) {
        throw new UserException(
            ("the run in %s ended without a score for each of its evaluation.steps: let its settings"
                    + " name evaluation.features, and remove the folder")
                .formatted(member.folder()));
      }
    }
    return ExitCode.DONE;
  }

  /** What to compare by. */
  public String metric() {
    return config.metric();
  }
}
