package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    StudyConfig.Entry imm = study.runs().get(0);
    assertThat(study.settings(imm, 7))
        .containsExactly("images=100", "batch=4", "batch=8", "seed=7");
    assertThat(study.folder(imm, 7)).isEqualTo(Path.of("runs/s/imm-seed-7"));
    StudyConfig.Entry flow = study.runs().get(1);
    assertThat(flow.seeds()).isEqualTo(List.of(0L));
    assertThat(study.folder(flow, 0)).isEqualTo(Path.of("runs/s/flow"));
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
