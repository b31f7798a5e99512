package org.fewstep.model.metrics;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.DType;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.Npz;
import org.fewstep.model.io.RegularFiles;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.io.pickle.NumpyWords;
import org.fewstep.model.io.pickle.PickleReader;
import org.fewstep.model.io.pickle.PyArray;

/**
 * Statistics of features as a file.
 *
 * <p>Written is an .npz file that public FID tools read: {@code mu} [d] and {@code sigma} [d, d]
 * (EDM, EDM2, pytorch-fid, clean-fid), for spatial features {@code mu_s} and {@code sigma_s} (ADM),
 * and beside them {@code count} (int64), {@code image_shape} (int64 [3], CHW), and {@code
 * features}, the name of the feature network (uint8, UTF-8).
 *
 * <p>Read are these, MeanFlow's ({@code ref_mu}, {@code ref_sigma}), ADM's with the images
 * themselves in {@code arr_0}, whose size must be the samples', and EDM2's .pkl (a dictionary with
 * {@code fid} and {@code num_images}), without executing it. A file without {@code features} is
 * trusted to come from the network it is read for.
 */
public final class StatisticsFile {
  /** Endings of the files' names. */
  public static final List<String> SUFFIXES = List.of(".npz", ".pkl");

  private static final String MEAN = "mu";
  private static final String COVARIANCE = "sigma";
  private static final String SPATIAL_MEAN = "mu_s";
  private static final String SPATIAL_COVARIANCE = "sigma_s";
  private static final String OTHER_MEAN = "ref_mu";
  private static final String OTHER_COVARIANCE = "ref_sigma";
  private static final String COUNT = "count";
  private static final String FEATURES = "features";
  private static final String SHAPE = "image_shape";
  private static final String IMAGES = "arr_0";
  private static final String INCEPTION = "fid";
  private static final String PICKLED_COUNT = "num_images";
  private static final int RGB = 3;

  private StatisticsFile() {}

  /** Whether a name is that of such a file. */
  public static boolean isNamedSo(String name) {
    return SUFFIXES.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith);
  }

  /**
   * Writes statistics of pooled features aside and renames.
   *
   * @param network whose features these are statistics of
   * @throws UserException if the disk refuses
   */
  public static void write(Path file, Statistics statistics, FeatureNetwork network) {
    write(file, Map.of(FeatureOutput.POOLED, statistics), network);
  }

  /**
   * Writes aside and renames.
   *
   * @param statistics of pooled features, and of spatial ones if there are some
   * @param network whose features these are statistics of
   * @throws UserException if the disk refuses
   */
  public static void write(
      Path file, Map<FeatureOutput, Statistics> statistics, FeatureNetwork network) {
    Statistics pooled = statistics.get(FeatureOutput.POOLED);
    if (pooled == null) {
      throw new IllegalArgumentException("there are no statistics of pooled features");
    }
    byte[] name = network.name().getBytes(StandardCharsets.UTF_8);
    ImageShape shape = network.input();
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    put(arrays, MEAN, COVARIANCE, pooled);
    Statistics spatial = statistics.get(FeatureOutput.SPATIAL);
    if (spatial != null) {
      put(arrays, SPATIAL_MEAN, SPATIAL_COVARIANCE, spatial);
    }
    arrays.put(COUNT, Tensor.of(new long[] {pooled.count()}));
    arrays.put(SHAPE, Tensor.of(new long[] {shape.channels(), shape.height(), shape.width()}, 3));
    arrays.put(FEATURES, Tensor.of(name, name.length));
    Npz.write(file, arrays);
  }

  private static void put(
      Map<String, Tensor> arrays, String mean, String covariance, Statistics statistics) {
    int d = statistics.dimensions();
    arrays.put(mean, Tensor.of(statistics.mean(), d));
    arrays.put(covariance, Tensor.of(statistics.covariance(), d, d));
  }

  /**
   * Reads statistics of a network's pooled features.
   *
   * @throws UserException if an array is missing or has the wrong shape or type, if a number is not
   *     finite, if sigma is no covariance, or if the features are another network's or those of
   *     images of another size
   */
  public static Statistics read(Path file, FeatureNetwork network) {
    Statistics pooled = readAll(file, file.toString(), network).get(FeatureOutput.POOLED);
    if (pooled == null) {
      throw new IllegalStateException(file + " was read without its statistics");
    }
    return pooled;
  }

  /**
   * Reads all statistics of a network's features.
   *
   * @param shownAs what messages call the file
   */
  static Map<FeatureOutput, Statistics> readAll(Path file, String shownAs, FeatureNetwork network) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".pkl")
        ? readPickle(file, shownAs, network)
        : readNpz(file, shownAs, network);
  }

  private static Map<FeatureOutput, Statistics> readNpz(
      Path file, String shownAs, FeatureNetwork network) {
    List<String> names = Npz.names(file);
    if (names.contains(FEATURES)) {
      checkNetwork(shownAs, Npz.read(file, FEATURES), network);
    }
    checkShape(file, names, shownAs, network);
    long count = names.contains(COUNT) ? count(file, shownAs) : Statistics.UNCOUNTED;
    boolean other = names.contains(OTHER_MEAN) && !names.contains(MEAN);
    Map<FeatureOutput, Statistics> statistics = new EnumMap<>(FeatureOutput.class);
    statistics.put(
        FeatureOutput.POOLED,
        statistics(
            file,
            other ? OTHER_MEAN : MEAN,
            other ? OTHER_COVARIANCE : COVARIANCE,
            count,
            shownAs,
            network,
            FeatureOutput.POOLED));
    if (names.contains(SPATIAL_MEAN) && network.outputs().contains(FeatureOutput.SPATIAL)) {
      statistics.put(
          FeatureOutput.SPATIAL,
          statistics(
              file,
              SPATIAL_MEAN,
              SPATIAL_COVARIANCE,
              count,
              shownAs,
              network,
              FeatureOutput.SPATIAL));
    }
    return statistics;
  }

  private static long count(Path file, String shownAs) {
    Tensor count = Npz.read(file, COUNT).get(COUNT);
    if (count == null || !count.dtype().isInteger() || count.count() != 1) {
      throw new UserException(
          "%s holds %s as %s; it must be a whole number"
              .formatted(shownAs, COUNT, count == null ? "nothing" : count.dtype()));
    }
    if (count.longs()[0] < 2) {
      throw unusable(shownAs);
    }
    return count.longs()[0];
  }

  private static Statistics statistics(
      Path file,
      String meanName,
      String covarianceName,
      long count,
      String shownAs,
      FeatureNetwork network,
      FeatureOutput output) {
    Map<String, Tensor> arrays = Npz.read(file, meanName, covarianceName);
    long d = network.dimensions(output);
    Tensor mean = array(arrays, meanName, shownAs, network, d);
    Tensor covariance = array(arrays, covarianceName, shownAs, network, d, d);
    return checked(new Statistics(count, mean.doubles(), covariance.doubles()), shownAs);
  }

  private static Statistics checked(Statistics statistics, String shownAs) {
    if (!statistics.isFinite()) {
      throw unusable(shownAs);
    }
    int d = statistics.dimensions();
    double[] s = statistics.covariance();
    for (int i = 0; i < d; i++) {
      double mean = statistics.mean()[i];
      // A variance of nothing may be negative by rounding, where it is a difference of squares.
      if (s[i * d + i] < -1e-9 * mean * mean - 1e-12) {
        throw new UserException(
            "%s holds a covariance with the variance %s of feature %d, which cannot be negative"
                .formatted(shownAs, s[i * d + i], i));
      }
      for (int j = 0; j < i; j++) {
        double scale = Math.sqrt(Math.abs(s[i * d + i] * s[j * d + j]));
        if (Math.abs(s[i * d + j] - s[j * d + i]) > 1e-6 * scale + 1e-12) {
          throw new UserException("%s holds a covariance that is not symmetric".formatted(shownAs));
        }
      }
    }
    return statistics;
  }

  private static UserException unusable(String shownAs) {
    return new UserException(
        "%s holds no usable statistics: they need at least two images and finite numbers"
            .formatted(shownAs));
  }

  private static Map<FeatureOutput, Statistics> readPickle(
      Path file, String shownAs, FeatureNetwork network) {
    RegularFiles.check(file);
    ByteBuffer content;
    try {
      content = ByteBuffer.wrap(Files.readAllBytes(file));
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
    Object root =
        PickleReader.read(content, shownAs, NumpyWords.VOCABULARY, PickleReader.noPersistentIds());
    if (!network.isStandardInception()
        || !(root instanceof Map<?, ?> all)
        || !(all.get(INCEPTION) instanceof Map<?, ?> fid)
        || !(fid.get(MEAN) instanceof PyArray mean)
        || !(fid.get(COVARIANCE) instanceof PyArray covariance)) {
      throw new UserException(
          "%s holds no statistics of %s; EDM2's files have some of the standard Inception, under fid"
              .formatted(shownAs, network.name()));
    }
    long d = network.dimensions();
    if (!Arrays.equals(mean.shape(), new long[] {d})
        || !Arrays.equals(covariance.shape(), new long[] {d, d})) {
      throw new UserException(
          "%s holds statistics of shapes %s and %s, %s needs %d features"
              .formatted(
                  shownAs,
                  Arrays.toString(mean.shape()),
                  Arrays.toString(covariance.shape()),
                  network.name(),
                  d));
    }
    long count = all.get(PICKLED_COUNT) instanceof Long images ? images : Statistics.UNCOUNTED;
    if (count < 0 || count == 1) {
      throw unusable(shownAs);
    }
    return Map.of(
        FeatureOutput.POOLED,
        checked(new Statistics(count, mean.doubles(), covariance.doubles()), shownAs));
  }

  private static void checkNetwork(
      String shownAs, Map<String, Tensor> arrays, FeatureNetwork network) {
    Tensor utf8 = arrays.get(FEATURES);
    if (utf8 == null || utf8.dtype() != DType.U8) {
      throw new UserException(
          "%s holds %s as %s; it must be a name in uint8"
              .formatted(shownAs, FEATURES, utf8 == null ? "nothing" : utf8.dtype()));
    }
    String name = new String(utf8.bytes(), StandardCharsets.UTF_8);
    if (!name.equals(network.name())) {
      throw new UserException(
          "%s holds statistics of features of %s, not of %s; give the images themselves instead"
              .formatted(shownAs, name, network.name()));
    }
  }

  /** By our own key, or by the images that lie in ADM's files, [N,H,W,3]. */
  private static void checkShape(
      Path file, List<String> names, String shownAs, FeatureNetwork network) {
    ImageShape shape = network.input();
    if (names.contains(SHAPE)) {
      Tensor tensor = Npz.read(file, SHAPE).get(SHAPE);
      long[] expected = {shape.channels(), shape.height(), shape.width()};
      if (tensor == null
          || !tensor.dtype().isInteger()
          || !Arrays.equals(tensor.longs(), expected)) {
        throw otherShape(
            shownAs,
            tensor == null || !tensor.dtype().isInteger()
                ? "no size"
                : Arrays.toString(tensor.longs()),
            shape);
      }
    } else if (names.contains(IMAGES)) {
      long[] images = Npz.shape(file, IMAGES);
      boolean fits =
          images.length == 4
              && images[1] == shape.height()
              && images[2] == shape.width()
              && images[3] == RGB;
      if (!fits) {
        throw otherShape(shownAs, Arrays.toString(images), shape);
      }
    }
  }

  private static UserException otherShape(String shownAs, String found, ImageShape shape) {
    return new UserException(
        "%s holds statistics of images of shape %s, not of %s; give a reference of the same size"
            .formatted(shownAs, found, shape));
  }

  private static Tensor array(
      Map<String, Tensor> arrays,
      String name,
      String shownAs,
      FeatureNetwork network,
      long... shape) {
    Tensor array = arrays.get(name);
    if (array == null || !Arrays.equals(array.shape(), shape)) {
      throw new UserException(
          "%s holds %s of shape %s, statistics of %s need %s"
              .formatted(
                  shownAs,
                  name,
                  array == null ? "none" : Arrays.toString(array.shape()),
                  network.name(),
                  Arrays.toString(shape)));
    }
    return array;
  }
}
