package org.fewstep.model.metrics;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.io.Resources;

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
   * ({@code *.npz}, {@link StatisticsFile}), or those of all images of a data set (whatever {@link
   * Datasets#open} takes), computed here.
   *
   * @throws UserException if there is no such thing, it is damaged, or the network does not take it
   */
  public static Statistics open(String nameOrPath, FeatureNetwork network) {
    if (BUILTIN_STATISTICS.contains(nameOrPath)) {
      String name = nameOrPath.substring(Datasets.BUILTIN_PREFIX.length()) + SUFFIX;
      return Resources.read(
          References.class, name, file -> StatisticsFile.read(file, nameOrPath, network));
    }
    if (nameOrPath.toLowerCase(Locale.ROOT).endsWith(SUFFIX)) {
      return StatisticsFile.read(Path.of(nameOrPath), network);
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
    return of(dataset, network);
  }

  /** Statistics of the features of all images of a data set of the network's shape. */
  public static Statistics of(ImageDataset dataset, FeatureNetwork network) {
    FeatureMoments moments = new FeatureMoments(network);
    moments.add(dataset, 0, dataset.count());
    return moments.statistics();
  }

  private static boolean isUnknownBuiltin(String nameOrPath) {
    return nameOrPath.startsWith(Datasets.BUILTIN_PREFIX)
        && !Datasets.BUILTIN_NAMES.contains(nameOrPath.substring(Datasets.BUILTIN_PREFIX.length()));
  }
}
