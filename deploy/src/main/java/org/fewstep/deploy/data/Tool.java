package org.fewstep.deploy.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.fewstep.config.UserException;

/** Runs a program of this machine. */
final class Tool {
  private Tool() {}

  /**
   * Runs a program to its end.
   *
   * @param folder to run in; a file with what it says is left there
   * @param otherwise how the user gets the same without it: the end of the sentence that says that
   *     it is not there or that it failed
   */
  static void run(List<String> command, Path folder, String otherwise) {
    run(command, folder, otherwise, otherwise);
  }

  /**
   * As {@link #run(List, Path, String)}.
   *
   * @param whenFailed the end of the sentence that says that it failed
   */
  static void run(List<String> command, Path folder, String otherwise, String whenFailed) {
    Path log = folder.resolve("log");
    int exitCode;
    try {
      exitCode =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start()
              .waitFor();
    } catch (IOException e) {
      throw new UserException(
          "%s is not on this machine; %s".formatted(command.get(0), otherwise), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    if (exitCode != 0) {
      throw new UserException(
          "'%s' failed (%s); %s".formatted(String.join(" ", command), lastWords(log), whenFailed));
    }
  }

  private static String lastWords(Path log) {
    try {
      return Files.readString(log)
          .lines()
          .filter(line -> !line.isBlank())
          .reduce((earlier, later) -> later)
          .orElse("it does not say why");
    } catch (IOException e) {
      return "it does not say why";
    }
  }
}
