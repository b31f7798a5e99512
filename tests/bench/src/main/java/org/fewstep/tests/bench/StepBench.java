package org.fewstep.tests.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.io.Folders;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.dit.DitSpec;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.network.unet.UNetVariant;
import org.fewstep.tests.bench.libtorch.LibtorchMain;
import org.fewstep.tests.bench.ours.CaseMain;
import org.fewstep.tests.bench.ours.OursMain;

/**
 * Times the network's part of a training step, or sampling, on both sides in one run.
 *
 * <p>Each side is a process of its own, so that neither holds threads or memory that the other
 * would feel, and both have the same number of threads. They take turns, a fraction of a second
 * each, and change who goes first, so that a noisy machine disturbs both alike. Before anything is
 * timed, output, gradients and samples of the same weights and inputs are compared, in processes
 * that end before, so that what this takes is no side's memory.
 *
 * <p>libtorch's memory is the lesser of two: of the process that is timed, for which the C library
 * keeps memory to save time, and of another that leaves the C library as it is.
 */
public final class StepBench {
  private static final double WARM_UP_MILLIS = 4000;
  private static final double SGEMM_FLOPS = 2 * Math.pow(StepCase.SGEMM_SIZE, 3);
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final int TIMES_FOR_MEMORY = 2;

  /**
   * libtorch asks for memory anew at each operation: the C library keeps large pieces for it
   * instead of giving them back to the system each time.
   */
  private static final Map<String, String> KEPT_BY_THE_C_LIBRARY =
      Map.of("MALLOC_MMAP_MAX_", "0", "MALLOC_TRIM_THRESHOLD_", Long.toString(4L << 30));

  private final StepModelSpec spec;
  private final int threads;
  private final int rounds;
  private final Consumer<String> notes;

  /**
   * @param threads of each side, 0 for all cores
   * @param rounds pairs of measurements
   * @param notes is told what takes time
   * @throws UserException if libtorch's side has no such network
   */
  public StepBench(StepModelSpec spec, int threads, int rounds, Consumer<String> notes) {
    if (!isKnown(spec.network())) {
      throw new UserException(
          "bench compares DiTs and DDPM++ U-Nets only (network.kind = dit, or unet with embedding,"
              + " encoder and resample-filter as they are by default)");
    }
    this.spec = spec;
    this.threads = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    this.rounds = rounds;
    this.notes = notes;
  }

  private static boolean isKnown(NetworkSpec network) {
    return network instanceof DitSpec
        || (network instanceof UNetSpec unet && unet.variant().equals(UNetVariant.DDPMPP));
  }

  /**
   * Compares one batch.
   *
   * @throws org.fewstep.config.UserException if libtorch is not there and cannot be fetched
   */
  public StepResult run(int batch) {
    return between(batch, 1, sides -> measure(batch, sides));
  }

  /**
   * Compares sampling, by the pushforward sampler with evenly spaced times.
   *
   * @param steps network calls for a batch
   * @throws org.fewstep.config.UserException if libtorch is not there and cannot be fetched
   */
  public SampleResult sample(int batch, int steps) {
    return between(batch, steps, sides -> measureSampling(batch, steps, sides));
  }

  private interface Comparison<T> {
    T of(Sides sides);
  }

  /** How the processes are started. */
  private final class Sides {
    private final String classPath;
    private final String withLibtorch;
    private final Path folder;
    private final List<String> arguments;

    Sides(String classPath, String withLibtorch, Path folder, List<String> arguments) {
      this.classPath = classPath;
      this.withLibtorch = withLibtorch;
      this.folder = folder;
      this.arguments = arguments;
    }

    ContenderProcess ours() {
      return ContenderProcess.start(
          OursMain.class, classPath, threads, folder, arguments, Map.of());
    }

    ContenderProcess libtorch() {
      return libtorch(List.of(), KEPT_BY_THE_C_LIBRARY);
    }

    /** libtorch, which knows how far its results are from ours. */
    ContenderProcess compared() {
      return libtorch(List.of(LibtorchMain.CHECK), Map.of());
    }

    /** The peak of libtorch's memory in a task, the C library left as it is. */
    double libtorchPeakMib(String task) {
      try (ContenderProcess frugal = libtorch(List.of(), Map.of())) {
        for (int i = 0; i < TIMES_FOR_MEMORY; i++) {
          frugal.work(task);
        }
        return frugal.peakMib();
      }
    }

    private ContenderProcess libtorch(List<String> more, Map<String, String> environment) {
      List<String> all = new ArrayList<>(List.of(folder.toString(), Integer.toString(threads)));
      all.addAll(more);
      return ContenderProcess.start(
          LibtorchMain.class, withLibtorch, threads, folder, all, environment);
    }
  }

  private <T> T between(int batch, int sampleSteps, Comparison<T> comparison) {
    String classPath = System.getProperty("java.class.path");
    String withLibtorch = LibtorchLibrary.classPath(notes) + File.pathSeparator + classPath;
    try {
      Path folder = Files.createTempDirectory("fewstep-bench");
      try {
        Files.writeString(folder.resolve(StepCase.NETWORK), spec.toJson());
        List<String> arguments =
            List.of(
                folder.toString(),
                Integer.toString(batch),
                Integer.toString(threads),
                Integer.toString(sampleSteps));
        ContenderProcess.run(CaseMain.class, classPath, threads, folder, arguments);
        return comparison.of(new Sides(classPath, withLibtorch, folder, arguments));
      } finally {
        Folders.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private StepResult measure(int batch, Sides sides) {
    double outputError;
    double gradientError;
    try (ContenderProcess compared = sides.compared()) {
      outputError = compared.fact(StepCase.OUTPUT_ERROR);
      gradientError = compared.fact(StepCase.GRADIENT_ERROR);
    }
    double frugalMib = sides.libtorchPeakMib(StepCase.STEP);
    try (ContenderProcess ours = sides.ours();
        ContenderProcess theirs = sides.libtorch()) {
      Meeting forward = meeting(StepCase.FORWARD, ours, theirs);
      Meeting step = meeting(StepCase.STEP, ours, theirs);
      int products = Meeting.timesPerRound(ours.millis(StepCase.SGEMM, 3));
      double[] sgemmMillis = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        step.round(round);
        forward.round(round);
        sgemmMillis[round] = ours.millis(StepCase.SGEMM, products);
      }
      return new StepResult(
          (int) ours.fact(StepCase.PARAMETERS),
          batch,
          threads,
          forward.rounds(),
          step.rounds(),
          ours.fact(StepCase.FORWARD_FLOPS),
          SGEMM_FLOPS / Rounds.quantile(sgemmMillis, 0.5) * MILLIS_PER_SECOND,
          outputError,
          gradientError,
          ours.peakMib(),
          Math.min(frugalMib, theirs.peakMib()));
    }
  }

  private SampleResult measureSampling(int batch, int steps, Sides sides) {
    double error;
    try (ContenderProcess compared = sides.compared()) {
      error = compared.fact(StepCase.SAMPLE_ERROR);
    }
    double frugalMib = sides.libtorchPeakMib(StepCase.SAMPLE);
    try (ContenderProcess ours = sides.ours();
        ContenderProcess theirs = sides.libtorch()) {
      Meeting sampling = meeting(StepCase.SAMPLE, ours, theirs);
      for (int round = 0; round < rounds; round++) {
        sampling.round(round);
      }
      return new SampleResult(
          (int) ours.fact(StepCase.PARAMETERS),
          batch,
          steps,
          threads,
          sampling.rounds(),
          error,
          ours.peakMib(),
          Math.min(frugalMib, theirs.peakMib()));
    }
  }

  private Meeting meeting(String task, ContenderProcess ours, ContenderProcess theirs) {
    return new Meeting(task, ours, task, theirs, rounds, WARM_UP_MILLIS);
  }
}
