package org.fewstep.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailuresTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private Failures failures;

  @BeforeEach
  void listen() {
    failures =
        new Failures(
            new String[] {"train", "tiny"},
            new PrintStream(said, true, StandardCharsets.UTF_8),
            List.of(folder.resolve("missing"), folder));
  }

  @Test
  void shouldSayOneSentenceWhenTheUserIsMistaken() {
    int code =
        failures.report(new CompletionException(new UserException("no such thing:\n  look again")));

    assertThat(code).isEqualTo(ExitCode.USER_MISTAKE);
    assertThat(said()).isEqualTo("fewstep: no such thing: look again\n");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldSayOneSentenceWhenTheMachineIsUnusable() {
    List<Throwable> unusable =
        List.of(
            new OutOfMemoryError("Java heap space"),
            new ExceptionInInitializerError(new UnsatisfiedLinkError("libgomp.so.1")),
            new UncheckedIOException(new AccessDeniedException("/root/run")));
    for (Throwable failure : unusable) {
      said.reset();

      assertThat(failures.report(failure)).isEqualTo(ExitCode.USER_MISTAKE);
      assertThat(said().lines()).hasSize(1);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldNameWhatIsNoPath() {
    InvalidPathException unmappable =
        new InvalidPathException(
            "h\u00e9.png", "Malformed input or input contains unmappable letters");

    assertThat(failures.report(unmappable)).isEqualTo(ExitCode.USER_MISTAKE);
    assertThat(said()).contains("h\u00e9.png", "unmappable", "LC_ALL=C.UTF-8").hasLineCount(1);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldLeaveAReportWhenTheProgramIsWrong() throws IOException {
    int code = failures.report(new IllegalStateException("two is three"));

    assertThat(code).isEqualTo(ExitCode.DEFECT);
    try (Stream<Path> files = Files.list(folder)) {
      Path report = files.findFirst().orElseThrow();
      assertThat(said()).contains(report.toString()).hasLineCount(1);
      assertThat(report)
          .content()
          .contains(
              "command: fewstep train tiny",
              "version: ",
              "java.version: ",
              "IllegalStateException: two is three",
              "at " + FailuresTest.class.getName());
    }
  }

  @Test
  void shouldPrintTheReportWhenNoFolderTakesIt() {
    Failures homeless =
        new Failures(
            new String[0],
            new PrintStream(said, true, StandardCharsets.UTF_8),
            List.of(folder.resolve("missing")));

    assertThat(homeless.report(new IllegalStateException("two is three")))
        .isEqualTo(ExitCode.DEFECT);
    assertThat(said()).contains("IllegalStateException: two is three");
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }
}
