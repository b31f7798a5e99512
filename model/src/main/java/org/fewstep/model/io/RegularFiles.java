package org.fewstep.model.io;

import java.nio.file.Files;
import java.nio.file.Path;
import org.fewstep.config.UserException;

/** Refuses pipes, devices and sockets: who opens one may wait for ever. */
public final class RegularFiles {
  private RegularFiles() {}

  /**
   * Lets pass a file and what does not exist, which opening it will say.
   *
   * @throws UserException if it is something else, also a folder
   */
  public static void check(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new UserException(
          "%s is no regular file (a folder, pipe or device?); name a file".formatted(file));
    }
  }

  /**
   * Lets pass a file, a folder, and what does not exist, which opening it will say.
   *
   * @throws UserException if it is something else
   */
  public static void checkFileOrFolder(Path path) {
    if (!Files.isDirectory(path)) {
      check(path);
    }
  }
}
