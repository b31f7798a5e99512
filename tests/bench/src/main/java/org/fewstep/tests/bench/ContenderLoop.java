package org.fewstep.tests.bench;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;

/**
 * The inside of a contender's process, which talks with the referee line by line: {@code fact NAME
 * VALUE} once for each fact, then {@code ready}; then an answer to each {@code TASK TIMES} (the
 * milliseconds that all of them took together), to {@code measure NAME} and to {@code peak} (the
 * most memory that the process took since it was ready, in MiB), until the input ends.
 */
public final class ContenderLoop {
  static final String FACT = "fact";
  static final String READY = "ready";
  static final String PEAK = "peak";
  static final String MEASURE = "measure ";
  private static final String PEAK_RESIDENT = "VmHWM:";
  private static final double MILLIS_PER_NANO = 1e-6;

  private ContenderLoop() {}

  /** Serves one referee. */
  public static void serve(Contender contender) throws IOException {
    try (contender;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(
                    new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8));
        PrintStream out =
            new PrintStream(
                new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)) {
      contender.facts().forEach((name, value) -> out.println(FACT + " " + name + " " + value));
      forgetPeak();
      out.println(READY);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(answer(contender, line));
      }
    }
  }

  private static double answer(Contender contender, String line) throws IOException {
    if (line.equals(PEAK)) {
      return peakMib();
    }
    return line.startsWith(MEASURE)
        ? measure(contender, line.substring(MEASURE.length()))
        : millis(contender, line);
  }

  private static double measure(Contender contender, String name) {
    DoubleSupplier measure = contender.measures().get(name);
    if (measure == null) {
      throw new IllegalArgumentException("no measure is called so: " + name);
    }
    return measure.getAsDouble();
  }

  private static double millis(Contender contender, String line) {
    int space = line.indexOf(' ');
    Runnable task = contender.tasks().get(line.substring(0, space));
    if (task == null) {
      throw new IllegalArgumentException("no task is called so: " + line);
    }
    int times = Integer.parseInt(line.substring(space + 1));
    long start = System.nanoTime();
    for (int i = 0; i < times; i++) {
      task.run();
    }
    return (System.nanoTime() - start) * MILLIS_PER_NANO;
  }

  /** What preparation took is no part of the work. */
  private static void forgetPeak() throws IOException {
    System.gc();
    Path reset = Path.of("/proc/self/clear_refs");
    if (Files.isWritable(reset)) {
      Files.writeString(reset, "5");
    }
  }

  private static double peakMib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(PEAK_RESIDENT)) {
        String kib = line.substring(PEAK_RESIDENT.length()).replace("kB", "").strip();
        return Long.parseLong(kib) / 1024.0;
      }
    }
    return Double.NaN;
  }
}
