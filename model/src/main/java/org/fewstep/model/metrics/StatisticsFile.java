package org.fewstep.model.metrics;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.io.DType;
import org.fewstep.model.io.Npz;
import org.fewstep.model.io.Tensor;

/**
 * Statistics of features as an .npz file: {@code mu} [d] and {@code sigma} [d, d] under the names
 * that public FID tools use, {@code count} (int64), and {@code features}, the name of the feature
 * network (uint8, UTF-8). A file without {@code features} is trusted to come from the network it is
 * read for.
 */
public final class StatisticsFile {
  private static final String MEAN = "mu";
  private static final String COVARIANCE = "sigma";
  private static final String COUNT = "count";
  private static final String FEATURES = "features";

  private StatisticsFile() {}

  /**
   * Writes aside and renames.
   *
   * @param network whose features these are statistics of
   * @throws UserException if the disk refuses
   */
  public static void write(Path file, Statistics statistics, FeatureNetwork network) {
    int d = statistics.dimensions();
    byte[] name = network.name().getBytes(StandardCharsets.UTF_8);
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    arrays.put(MEAN, Tensor.of(statistics.mean(), d));
    arrays.put(COVARIANCE, Tensor.of(statistics.covariance(), d, d));
    arrays.put(COUNT, Tensor.of(new long[] {statistics.count()}));
    arrays.put(FEATURES, Tensor.of(name, name.length));
    Npz.write(file, arrays);
  }

  /**
   * Reads statistics of a network's features.
   *
   * @throws UserException if an array is missing or has the wrong shape or type, if a number is not
   *     finite, or if the features are another network's
   */
  public static Statistics read(Path file, FeatureNetwork network) {
    return read(file, file.toString(), network);
  }

  /**
   * Reads statistics of a network's features.
   *
   * @param shownAs what messages call the file
   */
  static Statistics read(Path file, String shownAs, FeatureNetwork network) {
    if (Npz.names(file).contains(FEATURES)) {
      checkNetwork(shownAs, Npz.read(file, FEATURES), network);
    }
    Map<String, Tensor> arrays = Npz.read(file, MEAN, COVARIANCE, COUNT);
    long d = network.dimensions();
    Tensor mean = array(arrays, MEAN, shownAs, network, d);
    Tensor covariance = array(arrays, COVARIANCE, shownAs, network, d, d);
    Tensor count = array(arrays, COUNT, shownAs, network);
    if (!count.dtype().isInteger()) {
      throw new UserException(
          "%s holds %s as %s; it must be a whole number".formatted(shownAs, COUNT, count.dtype()));
    }
    Statistics statistics = new Statistics(count.longs()[0], mean.doubles(), covariance.doubles());
    if (!statistics.isFinite() || statistics.count() < 2) {
      throw new UserException(
          "%s holds no usable statistics: they need at least two images and finite numbers"
              .formatted(shownAs));
    }
    return statistics;
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
