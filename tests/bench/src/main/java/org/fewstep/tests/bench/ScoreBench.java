package org.fewstep.tests.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.fewstep.model.io.Folders;
import org.fewstep.model.io.Npz;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.metrics.FrechetDistance;
import org.fewstep.model.metrics.Statistics;
import org.fewstep.model.metrics.inception.InceptionGraph;
import org.fewstep.model.metrics.inception.InceptionOnnx;
import org.fewstep.model.metrics.inception.InceptionWeights;
import org.fewstep.model.onnx.OnnxModel;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Times what scoring consists of: the forward of Inception against ONNX Runtime, which computes the
 * same network from the same (random) weights, and the Frechet distance of two statistics of 2048
 * features against SciPy's route. Both sides take turns, and change who goes first.
 */
public final class ScoreBench {
  private static final int FEATURES = 2048;
  private static final int SAMPLES = 3000;
  private static final int NO_IMAGES = 0;
  private static final int REST_MILLIS = 200;

  private final int threads;
  private final int rounds;
  private final Consumer<String> notes;

  /**
   * @param threads of each side, those of this process
   * @param rounds pairs of measurements
   * @param notes is told what takes time
   */
  public ScoreBench(int threads, int rounds, Consumer<String> notes) {
    this.threads = threads;
    this.rounds = rounds;
    this.notes = notes;
  }

  /** The forward of Inception for a batch of images. */
  public ScoreResult inception(int batch) {
    InceptionWeights weights = InceptionWeights.fold(ScoreBench::random);
    return inFolder(
        folder -> {
          notes.accept("writing the network for ONNX Runtime ...");
          Path file = folder.resolve("inception.onnx");
          InceptionOnnx.of(weights).write(file);
          int side = InceptionGraph.SIZE;
          float[] images = new float[batch * 3 * side * side];
          Random random = new Random(1);
          for (int i = 0; i < images.length; i++) {
            images[i] = 2 * random.nextFloat() - 1;
          }
          InceptionGraph graph = new InceptionGraph(weights);
          INDArray array = Nd4j.createFromArray(images).reshape('c', batch, 3, side, side);
          long[] shape = {batch, 3, side, side};
          try (OnnxModel theirs = OnnxModel.open(file, threads, true)) {
            OnnxModel.Port output = theirs.output(null);
            float[] mine = features(graph, array);
            double error = error(mine, theirs.run(images, shape, output).values());
            notes.accept("measuring %d rounds ...".formatted(rounds));
            return new ScoreResult(
                "inception forward",
                "onnxruntime",
                batch,
                threads,
                rounds(
                    () -> timedAfterRest(() -> features(graph, array)),
                    () -> timedAfterRest(() -> theirs.run(images, shape, output))),
                error);
          }
        });
  }

  /** The distance of two statistics; empty without Python and SciPy. */
  public Optional<ScoreResult> frechet() {
    Statistics a = statistics(2);
    Statistics b = statistics(3);
    return inFolder(
        folder -> {
          Path first = write(folder.resolve("a.npz"), a);
          Path second = write(folder.resolve("b.npz"), b);
          Optional<SciPy> found = SciPy.start(first, second, threads);
          if (found.isEmpty()) {
            notes.accept("python3 with scipy is not installed: its sqrtm is not measured");
            return Optional.empty();
          }
          try (SciPy scipy = found.get()) {
            double theirs = scipy.distance().distance();
            double error = Math.abs(FrechetDistance.between(a, b) - theirs) / theirs;
            return Optional.of(
                new ScoreResult(
                    "frechet distance",
                    "scipy " + scipy.version(),
                    NO_IMAGES,
                    threads,
                    rounds(
                        () -> timed(() -> FrechetDistance.between(a, b)),
                        () -> scipy.distance().millis()),
                    error));
          }
        });
  }

  /** A measurement in milliseconds. */
  @FunctionalInterface
  private interface Side {
    double millis();
  }

  private Rounds rounds(Side ours, Side theirs) {
    ours.millis();
    theirs.millis();
    double[] mine = new double[rounds];
    double[] other = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      if (i % 2 == 0) {
        mine[i] = ours.millis();
        other[i] = theirs.millis();
      } else {
        other[i] = theirs.millis();
        mine[i] = ours.millis();
      }
    }
    return new Rounds(mine, other);
  }

  private static double timed(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }

  /** ONNX Runtime's threads go on spinning for a while after a run, beside whoever comes next. */
  private static void rest() {
    try {
      Thread.sleep(REST_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static double timedAfterRest(Runnable work) {
    rest();
    return timed(work);
  }

  private static float[] features(InceptionGraph graph, INDArray images) {
    INDArray means = graph.forward(images).block3().mean(2, 3);
    return means.dup('c').reshape(means.length()).toFloatVector();
  }

  private static double error(float[] ours, float[] theirs) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < ours.length; i++) {
      largest = Math.max(largest, Math.abs(theirs[i]));
      difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    }
    return difference / largest;
  }

  /** Weights that keep the size of activations, and no normalisation. */
  private static float[] random(String unit, InceptionWeights.Part part, long... shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (x, y) -> x * y)];
    switch (part) {
      case GAMMA, VARIANCE -> Arrays.fill(values, 1);
      case WEIGHT -> {
        Random random = new Random(unit.hashCode());
        double scale = Math.sqrt(2.0 * shape[0] / values.length);
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (scale * random.nextGaussian());
        }
      }
      default -> {
        // Zeros.
      }
    }
    return values;
  }

  /** Of features whose covariance has full rank and a long tail, as those of images have. */
  private static Statistics statistics(long seed) {
    Random random = new Random(seed);
    double[] features = new double[SAMPLES * FEATURES];
    for (int i = 0; i < features.length; i++) {
      features[i] = random.nextGaussian() / (1 + i % FEATURES / 100.0);
    }
    INDArray rows = Nd4j.createFromArray(features).reshape('c', SAMPLES, FEATURES);
    double[] covariance =
        rows.transpose()
            .mmul(rows)
            .divi(SAMPLES - 1)
            .dup('c')
            .reshape(FEATURES * FEATURES)
            .toDoubleVector();
    double[] mean = new double[FEATURES];
    Arrays.fill(mean, 0.01 * seed);
    return new Statistics(SAMPLES, mean, covariance);
  }

  private static Path write(Path file, Statistics statistics) {
    int d = statistics.dimensions();
    Npz.write(
        file,
        Map.of(
            "mu",
            Tensor.of(statistics.mean(), d),
            "sigma",
            Tensor.of(statistics.covariance(), d, d)));
    return file;
  }

  @FunctionalInterface
  private interface InFolder<T> {
    T run(Path folder);
  }

  private static <T> T inFolder(InFolder<T> work) {
    try {
      Path folder = Files.createTempDirectory("fewstep-bench");
      try {
        return work.run(folder);
      } finally {
        Folders.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
