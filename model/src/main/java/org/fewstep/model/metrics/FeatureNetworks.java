package org.fewstep.model.metrics;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Resources;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.metrics.classifier.FashionCnnFeatures;
import org.fewstep.model.metrics.classifier.FashionCnnWeights;

/** Opens a feature network by the one string that a user names it with. */
public final class FeatureNetworks {
  /** The classifier of Fashion-MNIST. */
  public static final String FASHION_CNN = "fashion-cnn";

  /** Names of the shipped networks. */
  public static final List<String> NAMES = List.of(FASHION_CNN);

  private static final int HASH_DIGITS = 8;

  private FeatureNetworks() {}

  /**
   * Opens a shipped network by its name, or weights that were trained here by their file. The
   * latter is called {@code fashion-cnn@} and the first eight digits of the file's SHA-256, so that
   * scores by different weights never bear one name.
   *
   * @throws UserException if there is neither, or the file is damaged
   */
  public static FeatureNetwork open(String nameOrFile) {
    if (nameOrFile.equals(FASHION_CNN)) {
      return new FashionCnnFeatures(FASHION_CNN, shippedFashionCnn());
    }
    Path file = existing(nameOrFile);
    FashionCnnWeights weights = FashionCnnWeights.read(file);
    String hash = Sha256.ofFile(file).substring(0, HASH_DIGITS);
    return new FashionCnnFeatures(FASHION_CNN + "@" + hash, weights);
  }

  /** The weights behind {@link #FASHION_CNN}. */
  public static FashionCnnWeights shippedFashionCnn() {
    return Resources.read(
        FeatureNetworks.class, FASHION_CNN + ".safetensors", FashionCnnWeights::read);
  }

  private static Path existing(String nameOrFile) {
    try {
      Path file = Path.of(nameOrFile);
      if (Files.isRegularFile(file)) {
        return file;
      }
    } catch (InvalidPathException e) {
      throw unknown(nameOrFile);
    }
    throw unknown(nameOrFile);
  }

  private static UserException unknown(String nameOrFile) {
    return new UserException(
        "there is no feature network '%s'; give %s, or a file that './fewstep features train' wrote"
            .formatted(nameOrFile, String.join(" or ", NAMES)));
  }
}
