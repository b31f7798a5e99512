package org.fewstep.model.metrics;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.io.Resources;
import org.fewstep.model.io.Sha256;

/** Opens what generated images are compared with, by the one string that a user names it with. */
public final class References {
  /** All training images of Fashion-MNIST; only their statistics are shipped. */
  public static final String FASHION_MNIST_TRAIN =
      Datasets.BUILTIN_PREFIX + "fashion-mnist-train-60k";

  /** Names of the shipped statistics, each of features of {@link FeatureNetworks#FASHION_CNN}. */
  public static final List<String> BUILTIN_STATISTICS = List.of(FASHION_MNIST_TRAIN);

  private static final String SUFFIX = ".npz";

  private References() {}

  /**
   * Statistics of a network's features: shipped ones ({@code builtin:NAME}), those of a file
   * ({@link StatisticsFile}), or those of all images of a data set (whatever {@link Datasets#open}
   * takes), computed here.
   *
   * @throws UserException if there is no such thing, it is damaged, or the network does not take it
   */
  public static Statistics open(String nameOrPath, FeatureNetwork network) {
    Statistics pooled =
        open(nameOrPath, network, EnumSet.of(FeatureOutput.POOLED), false)
            .statistics()
            .get(FeatureOutput.POOLED);
    if (pooled == null) {
      throw new IllegalStateException("a reference without statistics: " + nameOrPath);
    }
    return pooled;
  }

  /**
   * As {@link #open(String, FeatureNetwork)}, with all that some metrics need.
   *
   * @param statisticsOf outputs to compute statistics of from images; a file gives those it has
   * @param rows whether to keep the images' features themselves, which a file has not
   */
  public static RealFeatures open(
      String nameOrPath, FeatureNetwork network, Set<FeatureOutput> statisticsOf, boolean rows) {
    return open(nameOrPath, network, statisticsOf, rows, PartialEvaluation.none());
  }

  /** As above, where the features of a data set are kept and gone on from. */
  public static RealFeatures open(
      String nameOrPath,
      FeatureNetwork network,
      Set<FeatureOutput> statisticsOf,
      boolean rows,
      PartialEvaluation partial) {
    if (BUILTIN_STATISTICS.contains(nameOrPath)) {
      String name = nameOrPath.substring(Datasets.BUILTIN_PREFIX.length()) + SUFFIX;
      return Resources.read(
          References.class,
          name,
          file ->
              new RealFeatures(
                  StatisticsFile.readAll(file, nameOrPath, network), null, nameOrPath));
    }
    if (StatisticsFile.isNamedSo(nameOrPath)) {
      Path file = Path.of(nameOrPath);
      RealFeatures read =
          new RealFeatures(
              StatisticsFile.readAll(file, nameOrPath, network), null, Sha256.ofFile(file));
      partial.dependsOn(read::checksum);
      return read;
    }
    if (isUnknownBuiltin(nameOrPath)) {
      throw new UserException(
          "there is no reference '%s'; the shipped ones are %s"
              .formatted(
                  nameOrPath,
                  Stream.concat(
                          BUILTIN_STATISTICS.stream(),
                          Datasets.BUILTIN_NAMES.stream().map(Datasets.BUILTIN_PREFIX::concat))
                      .collect(Collectors.joining(", "))));
    }
    ImageDataset dataset = Datasets.open(nameOrPath);
    if (!dataset.shape().equals(network.input())) {
      throw new UserException(
          "%s has images of %s, but %s takes %s; choose another reference or feature network"
              .formatted(nameOrPath, dataset.shape(), network.name(), network.input()));
    }
    if (dataset.count() < 2) {
      throw new UserException(
          "%s has a single image; a reference needs two at least".formatted(nameOrPath));
    }
    partial.dependsOn(dataset::fingerprint);
    EnumSet<FeatureOutput> rowsOf =
        rows ? EnumSet.of(FeatureOutput.POOLED) : EnumSet.noneOf(FeatureOutput.class);
    FeatureCollector features =
        partial.collect(
            "reference images",
            () -> new FeatureCollector(network, statisticsOf, rowsOf),
            dataset,
            dataset.count(),
            UnaryOperator.identity());
    Map<FeatureOutput, Statistics> statistics = features.allStatistics();
    if (!statistics.values().stream().allMatch(Statistics::isFinite)) {
      throw new UserException(
          "%s gives features of %s that are no finite numbers; is its range= right?"
              .formatted(network.name(), nameOrPath));
    }
    return new RealFeatures(
        statistics, rows ? features.rows(FeatureOutput.POOLED) : null, dataset.fingerprint());
  }

  private static boolean isUnknownBuiltin(String nameOrPath) {
    return nameOrPath.startsWith(Datasets.BUILTIN_PREFIX)
        && !Datasets.BUILTIN_NAMES.contains(nameOrPath.substring(Datasets.BUILTIN_PREFIX.length()));
  }
}
