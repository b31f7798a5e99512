package org.fewstep.tests.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Python process that takes the Frechet distance of two statistics as pytorch-fid and its kin do:
 * by SciPy's square root of a matrix.
 */
final class SciPy implements AutoCloseable {
  private static final String PROGRAM =
      """
      import sys, time, numpy, scipy
      from scipy import linalg
      a, b = (numpy.load(name) for name in sys.argv[1:3])
      print(scipy.__version__, flush=True)
      for line in sys.stdin:
          start = time.perf_counter()
          root = linalg.sqrtm(a['sigma'].dot(b['sigma']))
          root = root[0] if isinstance(root, tuple) else root
          shift = a['mu'] - b['mu']
          d = shift.dot(shift) + numpy.trace(a['sigma']) + numpy.trace(b['sigma'])
          d -= 2 * numpy.trace(root.real)
          print(1000 * (time.perf_counter() - start), d, flush=True)
      """;

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;
  private final String version;

  /**
   * One distance.
   *
   * @param millis it took
   */
  record Answer(double millis, double distance) {}

  private SciPy(Process process, BufferedReader answers, String version) {
    this.process = process;
    this.answers = answers;
    this.questions =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    this.version = version;
  }

  /**
   * Starts Python; empty where it or SciPy is not installed.
   *
   * @param first .npz with mu and sigma
   */
  static Optional<SciPy> start(Path first, Path second, int threads) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
              List.of("python3", "-c", PROGRAM, first.toString(), second.toString()));
      builder
          .environment()
          .putAll(
              Map.of(
                  "OMP_NUM_THREADS",
                  Integer.toString(threads),
                  "OPENBLAS_NUM_THREADS",
                  Integer.toString(threads)));
      Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      @Nullable String version = answers.readLine();
      if (version == null) {
        process.destroy();
        return Optional.empty();
      }
      return Optional.of(new SciPy(process, answers, version));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  String version() {
    return version;
  }

  Answer distance() {
    try {
      questions.write("\n");
      questions.flush();
      @Nullable String line = answers.readLine();
      if (line == null) {
        throw new IllegalStateException("Python ended early");
      }
      String[] numbers = line.split(" ");
      return new Answer(Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
