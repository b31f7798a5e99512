package org.fewstep.tests.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A contender's process, seen by the referee. Both sides get the same heap. */
final class ContenderProcess implements AutoCloseable {
  private static final int LOG_LINES_SHOWN = 5;
  private static final int END_SECONDS = 10;

  /**
   * What preparation leaves free goes back to the system, and little garbage may gather, so that
   * neither counts as memory.
   */
  private static final List<String> HEAP =
      List.of(
          "-Xmx3g",
          "-Xmn64m",
          "-XX:+UseParallelGC",
          "-XX:MinHeapFreeRatio=5",
          "-XX:MaxHeapFreeRatio=10");

  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter orders;
  private final Path log;
  private final Map<String, Double> facts = new LinkedHashMap<>();

  private ContenderProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.orders = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    this.log = log;
  }

  /**
   * Starts a process and waits until it has prepared itself.
   *
   * @param folder for its log
   * @param environment beside {@link #setEnvironment}
   */
  static ContenderProcess start(
      Class<?> main,
      String classPath,
      int threads,
      Path folder,
      List<String> arguments,
      Map<String, String> environment) {
    ContenderProcess contender = launch(main, classPath, threads, folder, arguments, environment);
    contender.readFacts();
    return contender;
  }

  /** Runs a process that is no contender to its end. */
  static void run(
      Class<?> main, String classPath, int threads, Path folder, List<String> arguments) {
    try (ContenderProcess helper = launch(main, classPath, threads, folder, arguments, Map.of())) {
      helper.answers.transferTo(Writer.nullWriter()); // a full pipe would halt it
      int code = helper.process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(
            "the process %s has failed; its last words: %s"
                .formatted(helper.name, helper.lastWords()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a helper was at work", e);
    }
  }

  private static ContenderProcess launch(
      Class<?> main,
      String classPath,
      int threads,
      Path folder,
      List<String> arguments,
      Map<String, String> environment) {
    String name = main.getSimpleName();
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(HEAP);
    line.addAll(List.of("-cp", classPath, main.getName()));
    line.addAll(arguments);
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(line).redirectError(log.toFile());
    setEnvironment(builder.environment(), threads);
    builder.environment().putAll(environment);
    try {
      return new ContenderProcess(name, builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Idle OpenMP threads that spin take the cores from OpenBLAS's and Java's threads, and the
   * variables that hold an old OpenBLAS back halve the speed of a current one.
   */
  static void setEnvironment(Map<String, String> environment, int threads) {
    environment.keySet().removeAll(List.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"));
    environment.put("OMP_WAIT_POLICY", "PASSIVE");
    environment.put("OMP_NUM_THREADS", Integer.toString(threads));
    environment.put("OPENBLAS_NUM_THREADS", Integer.toString(threads));
  }

  private void readFacts() {
    for (String line = answer(); !line.equals(ContenderLoop.READY); line = answer()) {
      String[] words = line.split(" ");
      if (words.length != 3 || !words[0].equals(ContenderLoop.FACT)) {
        throw new IllegalStateException(name + " says '" + line + "'");
      }
      facts.put(words[1], Double.parseDouble(words[2]));
    }
  }

  double fact(String fact) {
    Double value = facts.get(fact);
    if (value == null) {
      throw new IllegalStateException(name + " says nothing about " + fact);
    }
    return value;
  }

  /** Has a task done once. */
  void work(String task) {
    orders.println(task + " 1");
    answer();
  }

  /** Mean duration of a task that is done several times in a row, in milliseconds. */
  double millis(String task, int times) {
    orders.println(task + " " + times);
    return Double.parseDouble(answer()) / times;
  }

  /** What the contender knows after its tasks. */
  double measure(String name) {
    orders.println(ContenderLoop.MEASURE + name);
    return Double.parseDouble(answer());
  }

  double peakMib() {
    orders.println(ContenderLoop.PEAK);
    return Double.parseDouble(answer());
  }

  private String answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new IllegalStateException(
            "the process %s has ended; its last words: %s".formatted(name, lastWords()));
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those after its answers ended: a process says last what ends it. */
  private String lastWords() throws IOException {
    awaitEnd();
    List<String> lines = Files.readAllLines(log);
    return String.join(" | ", lines.subList(0, Math.min(lines.size(), LOG_LINES_SHOWN)));
  }

  @Override
  public void close() {
    orders.close();
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
