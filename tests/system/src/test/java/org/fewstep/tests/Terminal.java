package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A shell that lines are typed into, in a folder with the launcher {@code ./fewstep}. Whatever is
 * said, by whichever process, comes out in one place, as on a screen.
 */
final class Terminal implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Process shell;
  private final Writer keyboard;
  private final Path screen;

  private Terminal(Process shell, Path screen) {
    this.shell = shell;
    this.keyboard = shell.outputWriter(StandardCharsets.UTF_8);
    this.screen = screen;
  }

  /**
   * Opens one.
   *
   * @param launcher text of the script {@code ./fewstep}
   */
  static Terminal open(Path folder, String launcher) throws IOException {
    Path script = Files.writeString(folder.resolve("fewstep"), launcher);
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Path screen = folder.resolve("screen");
    return new Terminal(
        new ProcessBuilder("bash")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(screen.toFile())
            .start(),
        screen);
  }

  void type(List<String> lines) throws IOException {
    for (String line : lines) {
      keyboard.write(line + "\n");
    }
    keyboard.flush();
  }

  /** What can be read so far. */
  List<String> screen() {
    try {
      return Files.readString(screen).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until so many lines match, each as a whole. */
  void awaitLines(int times, String pattern) {
    Predicate<String> line = Pattern.compile(pattern).asMatchPredicate();
    try {
      await()
          .atMost(PATIENCE)
          .until(() -> !shell.isAlive() || screen().stream().filter(line).count() >= times);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "no line %d times '%s' in %s".formatted(times, pattern, screen()), e);
    }
    assertThat(screen()).filteredOn(line).hasSizeGreaterThanOrEqualTo(times);
  }

  /** The process that was started with a word on its command line. */
  ProcessHandle process(String word) {
    return shell
        .descendants()
        .filter(process -> words(process.pid()).contains(word))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> words(long pid) {
    try {
      String line = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
      return List.of(line.split("\u0000", -1));
    } catch (IOException e) {
      return List.of(); // it has ended
    }
  }

  /** Types {@code exit} and waits; everything that runs in the background must have ended. */
  void exit() throws IOException, InterruptedException {
    type(List.of("wait", "exit"));
    assertThat(shell.waitFor()).isZero();
  }

  @Override
  public void close() {
    shell.descendants().forEach(ProcessHandle::destroyForcibly);
    shell.destroyForcibly();
  }
}
