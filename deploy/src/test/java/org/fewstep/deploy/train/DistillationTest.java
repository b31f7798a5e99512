package org.fewstep.deploy.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.model.checkpoint.Manifest;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of seven updates of two units each that distil the teacher which ships with the program. */
class DistillationTest {
  private static final int BATCH = 32;
  private static final String[] SMALL = {
    "batch=" + BATCH,
    "exchange.unit-images=16",
    "optimizer.decay-images=0",
    "optimizer.warmup-images=0",
    "objective.statistics-images=64",
    "evaluation.steps=[2]",
    "evaluation.samples=8",
    "evaluation.grid-images=4",
  };

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"alternating", "instant"})
  void shouldLearnTheSameWithTwoTrainersAndOverAnInterruption(String form) {
    Path straight = folder.resolve("straight");
    Path resumed = folder.resolve("resumed");
    train(form, straight, false, "images=" + 7 * BATCH, "trainers=2");
    train(form, resumed, false, "images=" + 3 * BATCH);
    Map<String, Manifest.FileEntry> half = Learnt.by(resumed);
    train(form, resumed, true, "images=" + 7 * BATCH);

    assertThat(Learnt.by(resumed)).isEqualTo(Learnt.by(straight)).isNotEqualTo(half);
    assertThat(Learnt.by(resumed).keySet())
        .filteredOn(name -> name.startsWith("auxiliary-"))
        .hasSize(form.equals("alternating") ? 2 : 0);

    String longer = "images=" + 9 * BATCH;
    String other = form.equals("instant") ? "alternating" : "instant";
    assertThatThrownBy(() -> train(other, resumed, true, longer))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("objective.form is not that of the checkpoint");
    assertThatThrownBy(() -> train(form, resumed, true, longer, "objective.teacher=" + straight))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("the network or its teacher is not that of the checkpoint");
  }

  @ParameterizedTest
  @CsvSource({
    "objective.teacher=/nowhere/run, objective.teacher = /nowhere/run is not there",
    "objective.teacher=builtin:other, objective.teacher = builtin:other names no teacher",
    "network.hidden-size=32, has weights of another architecture than this run's",
    "schedule.kind=flow, noise_schedule is vp_cosine there and fm here",
    "schedule.t-max=0.999, knows times from 0.006 to 0.996",
  })
  void shouldRefuseATeacherThatDoesNotFit(String setting, String sentence) {
    assertThatThrownBy(() -> prepared("alternating", folder, setting))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(sentence);
  }

  private static void train(String form, Path run, boolean resume, String... settings) {
    int code =
        new TrainingSession(prepared(form, run, settings), Console.system(true).silent(), resume)
            .train();
    assertThat(code).isEqualTo(ExitCode.DONE);
  }

  private static PreparedRun prepared(String form, Path run, String... settings) {
    List<String> all = new ArrayList<>(List.of(SMALL));
    all.addAll(List.of(settings));
    LoadedRun loaded = RunConfigLoader.load("toy-moment-matching-" + form, all);
    return PreparedRun.of(form, loaded, run);
  }
}
