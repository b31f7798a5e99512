package org.fewstep.tests.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Where libtorch lies: fetched from Maven Central when it is first asked for, because nothing but a
 * comparison needs its 90 MB.
 */
final class LibtorchLibrary {
  /** The folder with the launcher and the sources; the launcher sets it. */
  private static final String HOME = "fewstep.home";

  private static final Path FOLDER = Path.of("tests", "bench", "target", "libtorch");
  private static final List<String> FETCH =
      List.of("-B", "-q", "-pl", "tests/bench", "dependency:copy@libtorch");

  private LibtorchLibrary() {}

  /**
   * The class path of libtorch's side beyond the command's own.
   *
   * @throws UserException if it is not there and cannot be fetched
   */
  static String classPath(Consumer<String> notes) {
    return classPath(System.getProperty(HOME), notes);
  }

  static String classPath(@Nullable String home, Consumer<String> notes) {
    Path root = Path.of(home == null ? "" : home).toAbsolutePath();
    Path wrapper = root.resolve("mvnw");
    if (home == null || !Files.isExecutable(wrapper)) {
      throw new UserException(
          "bench step fetches libtorch with the build of the sources: start it as ./fewstep in"
              + " their folder");
    }
    Path pom = root.resolve(FOLDER.getName(0)).resolve(FOLDER.getName(1)).resolve("pom.xml");
    Path folder = root.resolve(FOLDER);
    if (!isComplete(folder, root.resolve("pom.xml")) || !isComplete(folder, pom)) {
      notes.accept("fetching libtorch from Maven Central for the first time (90 MB) ...");
      fetch(root, wrapper);
    }
    return folder + File.separator + "*";
  }

  /** Whether both jars are there and newer than what names their version. */
  private static boolean isComplete(Path folder, Path pom) {
    try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
      List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
      return jars.size() == 2
          && Files.getLastModifiedTime(folder).compareTo(Files.getLastModifiedTime(pom)) >= 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void fetch(Path root, Path wrapper) {
    Path folder = root.resolve(FOLDER);
    try {
      deleteJars(folder);
      Path log = Files.createTempFile("fewstep-libtorch", ".log");
      Stream<String> line = Stream.concat(Stream.of(wrapper.toString()), FETCH.stream());
      ProcessBuilder builder =
          new ProcessBuilder(line.toList())
              .directory(root.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      if (builder.start().waitFor() != 0) {
        deleteJars(folder);
        throw new UserException(
            "libtorch could not be fetched from Maven Central; %s says why".formatted(log));
      }
      Files.delete(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted while libtorch was being fetched");
    }
  }

  private static void deleteJars(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
