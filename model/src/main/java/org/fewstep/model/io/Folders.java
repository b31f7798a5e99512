package org.fewstep.model.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders with all that is in them. */
public final class Folders {
  private Folders() {}

  /** The path and all below it, deepest first; empty if there is nothing. */
  static List<Path> tree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.sorted(Comparator.reverseOrder()).toList();
    }
  }

  /** Deletes a file, or a folder with all that is in it; what is not there is no mistake. */
  public static void delete(Path root) throws IOException {
    for (Path path : tree(root)) {
      Files.deleteIfExists(path);
    }
  }
}
