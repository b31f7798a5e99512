package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The command in a process of its own, as a shell would start it. */
final class Command {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Process process;
  private final Path out;
  private final Path err;
  private final List<String> arguments;

  /** How a process ended. */
  record Result(List<String> arguments, int exitCode, List<String> out, List<String> err) {
    /** Fails, with everything that was said, unless the process ended so. */
    Result exitedWith(int code) {
      assertThat(exitCode)
          .as("exit code of %s; it said %s and %s", arguments, out, err)
          .isEqualTo(code);
      return this;
    }
  }

  private Command(Process process, Path out, Path err, List<String> arguments) {
    this.process = process;
    this.out = out;
    this.err = err;
    this.arguments = arguments;
  }

  /** Starts the command and waits for its end. */
  static Result run(String... arguments) {
    return start(arguments).await();
  }

  /** As {@link #run(String...)}, with further options for Java. */
  static Result run(List<String> javaOptions, String... arguments) {
    return start(javaOptions, arguments).await();
  }

  /** Starts the command in a folder of its own. */
  static Command start(String... arguments) {
    return start(List.of(), arguments);
  }

  /** Starts the command in a folder. */
  static Command startIn(Path current, String... arguments) {
    return start(current, List.of(), List.of(), arguments);
  }

  private static Command start(List<String> javaOptions, String... arguments) {
    return start(null, List.of(), javaOptions, arguments);
  }

  /**
   * Starts a command that starts this one: {@code prefix java ... arguments}.
   *
   * @param prefix runs the words that follow it
   */
  static Command startUnder(List<String> prefix, String... arguments) {
    return start(null, prefix, List.of(), arguments);
  }

  private static Command start(
      @Nullable Path current, List<String> prefix, List<String> javaOptions, String... arguments) {
    try {
      Path folder = TemporaryFolders.create("command");
      Path out = folder.resolve("out");
      Path err = folder.resolve("err");
      List<String> line = new ArrayList<>(prefix);
      line.addAll(CommandLine.of(javaOptions));
      line.addAll(List.of(arguments));
      Process process =
          new ProcessBuilder(line)
              .directory((current == null ? folder : current).toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      return new Command(process, out, err, List.of(arguments));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it has printed so far. */
  List<String> out() {
    try {
      return Files.readString(out).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends INT, as Ctrl-C does, or TERM, also in place of INT where this process ignores that. */
  void signal(String name) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    String signal = name.equals("INT") && ignoresInterrupt(pid) ? "TERM" : name;
    assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
  }

  private static boolean ignoresInterrupt(String pid) throws IOException {
    int interruptBit = 1 << 1;
    return Files.readAllLines(Path.of("/proc", pid, "status")).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .map(line -> line.substring("SigIgn:".length()).strip())
        .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & interruptBit) != 0);
  }

  /** What {@code kill -9} does; returns when the process is gone, with what it said until then. */
  Result kill() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    return new Result(
        arguments, process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
  }

  /** Waits for the end; ends what takes too long. */
  Result await() {
    try {
      boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      Result result =
          new Result(
              arguments, process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
      assertThat(ended).as("%s within %s; it said %s", arguments, PATIENCE, result).isTrue();
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IllegalStateException(e);
    }
  }
}
