package org.fewstep.deploy.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.StudyRun;
import org.fewstep.config.UserException;
import org.fewstep.deploy.output.Console;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;

/**
 * A run of a study, and how far it has come.
 *
 * @param metric that the study compares by
 */
record StudyMember(StudyRun run, LoadedRun loaded, String metric) {
  String name() {
    return run.entry().name();
  }

  Path folder() {
    return run.folder();
  }

  RunConfig config() {
    return loaded.config();
  }

  /** Whether each score of the run's end is there; the checkpoints need not be. */
  boolean ended() {
    List<Score> last = lastScores();
    EvaluationConfig evaluation = config().evaluation();
    return evaluation.guidances().stream()
        .allMatch(
            guidance ->
                evaluation.steps().stream()
                    .allMatch(
                        steps ->
                            last.stream()
                                .anyMatch(
                                    score ->
                                        score.metric().equals(metric)
                                            && score.steps() == steps
                                            && score.guidance() == guidance)));
  }

  private List<Score> lastScores() {
    if (!RunFolder.is(folder()) || !Files.exists(RunFolder.open(folder()).scores())) {
      return List.of();
    }
    return ScoreJson.read(RunFolder.open(folder()).scores()).stream()
        .filter(score -> score.images() >= config().images())
        .toList();
  }

  /** Settings in which a run that has ended differs from the study's, each as a sentence. */
  List<String> changes() {
    String settings = RunFolder.open(folder()).config().toString();
    if (!Files.exists(Path.of(settings))) {
      return List.of();
    }
    LoadedRun trained;
    try {
      trained = RunConfigLoader.load(settings, List.of());
    } catch (UserException e) {
      return List.of(
          "fewstep: whether run %s was trained with the study's settings is not known: %s"
              .formatted(name(), e.getMessage()));
    }
    return SettingChanges.between(trained.resolved(), loaded.resolved()).stream()
        .map(
            change ->
                "fewstep: run %s has ended with other settings than the study's, %s; remove %s to train it anew"
                    .formatted(name(), change, folder()))
        .toList();
  }

  /**
   * Refuses a folder that holds something else, or a run that could not go on.
   *
   * @param prepared this run
   * @param weights whether the weights that its settings name are there
   * @throws UserException saying why
   */
  void checkFolder(PreparedRun prepared, boolean weights, Console console) {
    if (!RunFolder.is(folder())) {
      RunFolder.checkVacant(folder());
      return;
    }
    RunFolder existing = RunFolder.open(folder());
    Optional<Path> newest = existing.newestCheckpoint();
    boolean reachedItsEnd =
        !lastScores().isEmpty() || newest.map(existing::imagesOf).orElse(0L) >= config().images();
    if (reachedItsEnd && !existing.owesEvaluations()) {
      throw lacksScores();
    }
    if (weights) {
      new Resumption(prepared, existing, console).check();
    }
  }

  /** Of a run that has ended. */
  UserException lacksScores() {
    List<Double> guidances = config().evaluation().guidances();
    return new UserException(
        "the run in %s has ended without %s in each of evaluation.steps = %s%s; remove the folder to train it anew"
            .formatted(
                folder(),
                metric,
                config().evaluation().steps(),
                guidances.size() == 1 ? "" : " with each weight of guidance " + guidances));
  }
}
