package org.fewstep.tests;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.fewstep.deploy.Fewstep;

/**
 * How tests start the command: in a small JVM that is quick to start.
 *
 * <p>Most of a short command's time goes into loading classes. So a first one dumps those that it
 * used into an archive, from which all others map them (JDK's application class-data sharing). An
 * archive takes jars alone; where modules lie as folders, as in {@code mvn test}, there is none.
 */
final class CommandLine {
  private static final Path MODULE = Path.of("").toAbsolutePath();
  private static final List<String> JVM =
      List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  /** Archives say much about classes that they cannot hold. */
  private static final List<String> QUIET = List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off");

  private static final String CLASS_PATH = classPath();
  private static final List<String> ARCHIVE = archive();

  private CommandLine() {}

  /** Java, its options, and the command, without arguments. */
  static List<String> of(List<String> javaOptions) {
    return line(Stream.concat(ARCHIVE.stream(), javaOptions.stream()).collect(Collectors.toList()));
  }

  /** Java and a class of these tests to run. */
  static List<String> ofTests(Class<?> main) {
    List<String> line = new ArrayList<>(List.of(java()));
    line.addAll(JVM);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return line;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static List<String> line(List<String> javaOptions) {
    List<String> line = new ArrayList<>();
    line.add(java());
    line.addAll(JVM);
    line.addAll(javaOptions);
    line.addAll(List.of("-cp", CLASS_PATH, Fewstep.class.getName()));
    return line;
  }

  /** That of this process, without the tests. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !Path.of(entry).toAbsolutePath().startsWith(MODULE))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static List<String> archive() {
    if (Stream.of(CLASS_PATH.split(File.pathSeparator))
        .anyMatch(e -> Files.isDirectory(Path.of(e)))) {
      return List.of();
    }
    try {
      Path folder = TemporaryFolders.create("archive");
      Path archive = folder.resolve("classes.jsa");
      List<String> options = new ArrayList<>(QUIET);
      options.add("-XX:ArchiveClassesAtExit=" + archive);
      List<String> line = line(options);
      line.addAll(
          List.of(
              "train",
              "tiny",
              "images=64",
              "batch=16",
              "evaluation.samples=2",
              "management.port=0",
              "--run-dir",
              folder.resolve("run").toString()));
      int code =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("said").toFile())
              .start()
              .waitFor();
      if (code != 0 || !Files.exists(archive)) {
        throw new IllegalStateException(Files.readString(folder.resolve("said")));
      }
      List<String> use = new ArrayList<>(QUIET);
      use.add("-XX:SharedArchiveFile=" + archive);
      return List.copyOf(use);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
