package org.fewstep.deploy.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.jspecify.annotations.Nullable;

/** Refuses, before any work is done, what the disk would refuse afterwards. */
final class OutputFiles {
  private OutputFiles() {}

  /**
   * A file of some kind that can be written.
   *
   * @param option that names it
   * @param suffix of its name, such as {@code .png}
   */
  static void check(Path file, String option, String suffix) {
    Path name = file.getFileName();
    if (name == null || !name.toString().toLowerCase(Locale.ROOT).endsWith(suffix)) {
      throw new UserException(
          "%s must be a file FILE%s, but is '%s'".formatted(option, suffix, file));
    }
    if (Files.isDirectory(file)) {
      throw new UserException("%s must be a file, but %s is a folder".formatted(option, file));
    }
    checkFolder(file.toAbsolutePath().normalize().getParent(), option, file);
  }

  /** A file that is not there, unless it may be replaced. */
  static void checkNew(Path file, boolean replace) {
    if (!replace && Files.exists(file)) {
      throw new UserException(
          "%s exists already; choose another name, or replace it with --force".formatted(file));
    }
  }

  /**
   * A file that does not lie in what it is made of, of which it would be a part the next time.
   *
   * @param source the location of a data set, which may be no path
   */
  static void checkOutside(Path file, String option, String source) {
    Optional<Path> folder = Datasets.folderOf(source).map(OutputFiles::real);
    if (folder.isPresent() && real(file).startsWith(folder.get())) {
      throw new UserException(
          "%s %s lies in %s, which it is made of; choose another folder"
              .formatted(option, file, source));
    }
  }

  /** The path without links, as far as it exists. */
  private static Path real(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path existing = absolute; existing != null; existing = existing.getParent()) {
      try {
        return existing.toRealPath().resolve(existing.relativize(absolute)).normalize();
      } catch (IOException e) {
        // Its folder may exist.
      }
    }
    return absolute;
  }

  /**
   * A folder that can be written to or made.
   *
   * @param given what the user named with the option
   */
  static void checkFolder(@Nullable Path folder, String option, Path given) {
    Path existing = folder;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      throw new UserException(
          "cannot write %s %s: %s is no folder to write to".formatted(option, given, existing));
    }
  }
}
