package org.fewstep.deploy.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a study says before it trains anything: its first run is always sound. */
class StudyTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Preset and settings of the second run, and what the sentence must say. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          tini | '' | there is no preset or file 'tini'
          tiny | optimizer.lrr=1 | optimizer.lrr (the study's settings) is not a known key
          tiny | evaluation.features=none | evaluation.features is none
          tiny | evaluation.metrics=[frechet-infinite] | give the score FD_inf[fashion-cnn], but the study compares by FD[fashion-cnn]
          tiny | evaluation.reference="builtin:fashion-mnist-test-2k" | evaluation.reference is builtin:fashion-mnist-test-2k, but
          tiny | evaluation.samples=100 | evaluation.samples is 100, but 64 for run first
          tiny | data.path=nowhere.zip | nowhere.zip
          tiny | init-from=nowhere | nowhere
          tiny | init-from=study:wider | init-from = RUNS/wider has weights of another architecture
          """)
  void shouldRefuseAMistakeInAnyRunBeforeTheFirstIsTrained(
      String preset, String setting, String problem) throws IOException {
    Path file =
        study(
            """
            { name = second, preset = %s, settings = [%s] }
            { name = wider, preset = tiny, settings = ["network.channels=12"] }
            """
                .formatted(preset, setting.isEmpty() ? "" : quoted(setting)));

    assertRefused(file)
        .hasMessageStartingWith(file + ", run second: ")
        .hasMessageContaining(problem.replace("RUNS", folder.resolve("runs").toString()));
    assertThat(folder.resolve("runs")).doesNotExist();
  }

  @Test
  void shouldRefuseFoldersOfSomethingElseOrOfARunThatCannotGoOn() throws IOException {
    Path other = Files.createDirectories(folder.resolve("runs/second"));
    Path note = Files.writeString(other.resolve("note.txt"), "mine");
    Path file = study("{ name = second, preset = tiny }");
    assertRefused(file).hasMessageContaining("run second: ").hasMessageContaining("note.txt");

    Files.delete(note);
    RunFolder run = RunFolder.create(other, "");
    run.appendScore(score("KD[fashion-cnn]"));
    assertRefused(file)
        .hasMessageContaining(
            "run second: the run in %s has ended without FD[fashion-cnn]".formatted(other));
  }

  @Test
  void shouldTellInWhatRunsThatHaveEndedDiffer() throws IOException {
    for (String name : new String[] {"first", "second"}) {
      RunFolder run =
          RunFolder.create(
              folder.resolve("runs").resolve(name),
              RunConfigLoader.render(
                  RunConfigLoader.load("tiny", List.of("evaluation.steps=[1]")).resolved()));
      run.appendScore(score("FD[fashion-cnn]"));
    }
    Path file =
        study(
            """
            {
              name = second, preset = tiny
              settings = ["optimizer.lr=2e-3", "data.path=\\"builtin:fashion-mnist-test-2k\\""]
            }
            """);

    assertThat(Study.read(file, Optional.empty()).train(console())).isEqualTo(ExitCode.DONE);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(
            "2 of the study's 2 runs have ended already",
            "learn from different data: first from builtin:fashion-mnist-train-10k, second from",
            "run second has ended with other settings than the study's, optimizer.lr 0.001 -> 0.002")
        .doesNotContain("run first has ended");
  }

  private AbstractThrowableAssert<?, ?> assertRefused(Path file) {
    return assertThatThrownBy(() -> Study.read(file, Optional.empty()).train(console()))
        .isInstanceOf(UserException.class);
  }

  private Console console() {
    PrintStream print = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new Console(print, print, false, false);
  }

  private Path study(String others) throws IOException {
    return Files.writeString(
        folder.resolve("study.conf"),
        """
        folder = "%s"
        metric = "FD[fashion-cnn]"
        settings = ["evaluation.steps=[1]"]
        runs = [
          { name = first, preset = tiny }
          %s
        ]
        """
            .formatted(folder.resolve("runs"), others));
  }

  private static String quoted(String setting) {
    return '"' + setting.replace("\"", "\\\"") + '"';
  }

  private static String score(String metric) {
    return ScoreJson.toLine(
        new Score(
            metric,
            1,
            1,
            1,
            64,
            "x",
            "real",
            "ema",
            320,
            10,
            "pushforward",
            "uniform",
            1,
            0,
            null,
            null,
            null,
            null,
            1));
  }
}
