package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StudyConfigTest {
  @TempDir Path folder;

  @Test
  void shouldGiveEachSeedItsOwnFolderAndTheSettingsOfAllRunsFirst() throws IOException {
    StudyConfig study =
        study(
            """
            folder = runs/s
            metric = "FD[x]"
            settings = ["images=100", "batch=4"]
            runs = [
              { name = imm, preset = tiny, seeds = [0, 7], settings = ["batch=8"] }
              { name = flow, preset = tiny }
            ]
            """);

    StudyRun second = study.all().get(1);
    assertThat(second.settings()).containsExactly("images=100", "batch=4", "batch=8", "seed=7");
    assertThat(second.folder()).isEqualTo(Path.of("runs/s/imm-seed-7"));
    StudyRun flow = study.all().get(2);
    assertThat(flow.settings()).containsExactly("images=100", "batch=4", "seed=0");
    assertThat(flow.folder()).isEqualTo(Path.of("runs/s/flow"));
  }

  @Test
  void shouldTrainARunAfterTheOneThatItNames() throws IOException {
    StudyConfig study =
        study(
            """
            folder = runs/s, metric = m
            runs = [
              { name = student, preset = tiny, seeds = [0, 7], settings = ["init-from=study:teacher"] }
              { name = alone, preset = tiny, settings = ["init-from = study:teacher"], seeds = [7] }
              { name = teacher, preset = tiny, seeds = [0, 7] }
            ]
            """);

    assertThat(study.all())
        .extracting(StudyRun::folder)
        .map(path -> path.getFileName().toString())
        .containsExactly(
            "student-seed-0", "student-seed-7", "alone", "teacher-seed-0", "teacher-seed-7");
    assertThat(study.inTrainingOrder())
        .extracting(StudyRun::folder)
        .map(path -> path.getFileName().toString())
        .containsExactly(
            "teacher-seed-0", "student-seed-0", "teacher-seed-7", "student-seed-7", "alone");
    StudyRun student = study.all().get(1);
    assertThat(student.settings()).contains("init-from=runs/s/teacher-seed-7");
    assertThat(student.sources()).containsExactly(Path.of("runs/s/teacher-seed-7"));
  }

  @Test
  void shouldLetAStudentTakeOverTheNetworkOfATeacherThatIsNotThereYet() throws IOException {
    StudyConfig study =
        study(
            """
            folder = "%s", metric = m
            runs = [
              { name = student, preset = "%s", settings = ["objective.teacher=study:teacher"] }
              {
                name = teacher, preset = tiny
                settings = ["objective.kind=flow-matching", "network.channels=12"]
              }
            ]
            """
                .formatted(
                    folder.resolve("runs"),
                    Files.writeString(
                        folder.resolve("student.conf"),
                        """
                        data.path = "builtin:fashion-mnist-train-10k"
                        objective.kind = moment-matching
                        optimizer.lr = 1e-3
                        ema.tracks = [{ name = ema, half-life-images = 10 }]
                        batch = 16, images = 16, exchange.unit-images = 16
                        """)));
    Map<Path, LoadedRun> planned = load(study);

    assertThat(planned.get(folder.resolve("runs/student")).config().network())
        .isEqualTo(planned.get(folder.resolve("runs/teacher")).config().network());
  }

  static List<Path> shipped() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../docs/studies"))) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void shouldHoldValidRunsInEachStudyThatShips(Path file) throws IOException {
    StudyConfig study = StudyConfig.load(file);

    assertThat(Files.readString(file)).contains("#   ./fewstep compare --study docs/studies/");
    assertThat(load(study).values())
        .allMatch(run -> run.config().evaluation().scored())
        .allMatch(run -> run.config().images() % run.config().batch() == 0);
  }

  private static Map<Path, LoadedRun> load(StudyConfig study) {
    Map<Path, LoadedRun> planned = new LinkedHashMap<>();
    study
        .inTrainingOrder()
        .forEach(run -> planned.put(run.folder(), RunConfigLoader.load(run, planned)));
    return planned;
  }

  @Test
  void shouldNameFileAndKeyOfWhatIsWrong() {
    assertRefused("folder = a, metric = m, runs = []", "runs (", "study.conf:1", "at least one");
    assertRefused("folder = a, metric = m", "runs is missing");
    assertRefused(
        "folder = a, metric = m, runs = [{ name = A, preset = tiny }]", "name", "must consist of");
    assertRefused(
        "folder = a, metric = m, runs = [{ name = a, preset = tiny, sets = [] }]",
        "sets",
        "is not a known key");
    assertRefused(
        "folder = a, metric = m, runs = [{ name = a, preset = p }, { name = a, preset = p }]",
        "repeats a");
    assertRefused(
        "folder = f, metric = m, runs = [{ name = a, preset = p, seeds = [1, 2] }, { name = a-seed-2, preset = p }]",
        "runs (",
        "two would lie in f/a-seed-2");
    assertRefused(
        "folder = f, metric = m, runs = [{ name = a, preset = p, settings = [\"init-from=study:b\"] }]",
        "init-from=study:b of a names none; the nearest is a");
    assertRefused(
        "folder = f, metric = m, settings = [\"init-from=study:a\"], runs = [{ name = a, preset = p }]",
        "runs (",
        "in a circle, as a do");
    assertRefused(
        """
        folder = f, metric = m
        runs = [
          { name = a, preset = p, seeds = [1, 2] }
          { name = b, preset = p, seeds = [3], settings = ["init-from=study:a"] }
        ]
        """,
        "init-from=study:a of b has no seed 3");
    assertRefused("folder = {", "study.conf", "cannot be read");
    assertThatThrownBy(() -> StudyConfig.load(folder.resolve("none.conf")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("there is no study file");
  }

  private void assertRefused(String text, String... words) {
    assertThatThrownBy(() -> study(text))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(words);
  }

  private StudyConfig study(String text) throws IOException {
    return StudyConfig.load(Files.writeString(folder.resolve("study.conf"), text));
  }
}
