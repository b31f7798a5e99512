package org.fewstep.model.metrics;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.fewstep.config.Choices;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Resources;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.metrics.classifier.FashionCnnFeatures;
import org.fewstep.model.metrics.classifier.FashionCnnWeights;
import org.fewstep.model.metrics.inception.InceptionFiles;
import org.fewstep.model.metrics.inception.Preparation;
import org.fewstep.model.metrics.inception.TrunkFeatures;
import org.fewstep.model.metrics.onnx.OnnxFeatures;
import org.fewstep.model.metrics.onnx.PixelRange;
import org.fewstep.model.metrics.onnx.Resize;
import org.fewstep.model.onnx.OnnxModel;
import org.jspecify.annotations.Nullable;

/** Opens a feature network by the one string that a user names it with. */
public final class FeatureNetworks {
  /** The classifier of Fashion-MNIST. */
  public static final String FASHION_CNN = "fashion-cnn";

  /** No network: the coordinates of points. */
  public static final String POINTS = "points";

  /** Names of the shipped networks. */
  public static final List<String> NAMES = List.of(FASHION_CNN, POINTS);

  /** Layers of an Inception-v3 that are fetched. */
  public static final String NSFWJS_INCEPTION = TrunkFeatures.KIND;

  /** Where they are looked for under that name. */
  public static final String NSFWJS_FILE = "data/nsfwjs-inception.safetensors";

  private static final String RESIZE = "resize";
  private static final String SIZE = "size";
  private static final String RANGE = "range";
  private static final String OUTPUT = "output";
  private static final int HASH_DIGITS = 8;

  private FeatureNetworks() {}

  /**
   * Opens a shipped or fetched network by its name, or weights by their file: those of FID's
   * Inception, or some that were fetched or trained here. The last are called {@code fashion-cnn@}
   * and the first eight digits of the file's SHA-256, so that scores by different weights never
   * bear one name.
   *
   * <p>Settings may follow after commas: {@code resize=tensorflow}, {@code pytorch-fid} or {@code
   * clean-fid} for Inception; {@code size}, {@code range}, {@code resize} and {@code output} for a
   * network in an ONNX file.
   *
   * @param shape of the images to come, for networks that take any
   * @throws UserException if there is no such network, or the file is damaged
   */
  public static FeatureNetwork open(String given, ImageShape shape) {
    FeatureSource source = FeatureSource.parse(given);
    if (source.nameOrFile().equals(FASHION_CNN)) {
      source.allow();
      return new FashionCnnFeatures(FASHION_CNN, shippedFashionCnn());
    }
    if (source.nameOrFile().equals(POINTS)) {
      source.allow();
      return new PointFeatures(shape);
    }
    if (source.nameOrFile().equals(NSFWJS_INCEPTION)) {
      source.allow();
      return TrunkFeatures.open(fetched(), shape);
    }
    Path file = existing(source.nameOrFile());
    if (OnnxModel.isNamedSo(source.nameOrFile())) {
      return OnnxFeatures.open(file, onnxSettings(source), shape);
    }
    if (TrunkFeatures.recognises(file)) {
      source.allow();
      return TrunkFeatures.open(file, shape);
    }
    if (FashionCnnWeights.recognises(file)) {
      source.allow();
      FashionCnnWeights weights = FashionCnnWeights.read(file);
      String hash = Sha256.ofFile(file).substring(0, HASH_DIGITS);
      return new FashionCnnFeatures(FASHION_CNN + "@" + hash, weights);
    }
    if (!InceptionFiles.recognises(file)) {
      throw new UserException(
          "%s is no feature network: it is neither a file of PyTorch's nor safetensors"
              .formatted(file));
    }
    source.allow(RESIZE);
    String resize = source.setting(RESIZE);
    Preparation preparation =
        resize == null
            ? Preparation.TENSORFLOW
            : Choices.parse(Preparation.class, resize, "the feature network's " + RESIZE);
    return InceptionFiles.open(file, preparation, shape);
  }

  /**
   * SHA-256 of the file of a network that {@link #open} opens; its name, if it is one that is
   * shipped.
   */
  public static String checksum(String given) {
    FeatureSource source = FeatureSource.parse(given);
    if (NAMES.contains(source.nameOrFile())) {
      return source.nameOrFile();
    }
    return Sha256.ofFile(
        source.nameOrFile().equals(NSFWJS_INCEPTION) ? fetched() : existing(source.nameOrFile()));
  }

  /** The weights behind {@link #FASHION_CNN}. */
  public static FashionCnnWeights shippedFashionCnn() {
    return Resources.read(
        FeatureNetworks.class, FASHION_CNN + ".safetensors", FashionCnnWeights::read);
  }

  private static OnnxFeatures.Settings onnxSettings(FeatureSource source) {
    source.allow(SIZE, RESIZE, RANGE, OUTPUT);
    String range = source.setting(RANGE);
    if (range == null) {
      throw new UserException(
          "the feature network %s does not say what it expects of pixels; add range=NAME after a comma, one of %s"
              .formatted(source.nameOrFile(), String.join(", ", Choices.names(PixelRange.class))));
    }
    String resize = source.setting(RESIZE);
    return new OnnxFeatures.Settings(
        size(source.setting(SIZE)),
        resize == null
            ? Resize.BICUBIC
            : Choices.parse(Resize.class, resize, "the feature network's " + RESIZE),
        Choices.parse(PixelRange.class, range, "the feature network's " + RANGE),
        source.setting(OUTPUT));
  }

  private static int size(@Nullable String given) {
    if (given == null) {
      return 0;
    }
    if (!given.matches("[1-9][0-9]{0,8}")) {
      throw new UserException(
          "the feature network's %s must be a number of pixels, but is \"%s\""
              .formatted(SIZE, given));
    }
    return Integer.parseInt(given);
  }

  private static Path fetched() {
    Path file = Path.of(NSFWJS_FILE);
    if (!Files.exists(file)) {
      throw new UserException(
          "there is no feature network at %s yet; make it by ./fewstep features fetch %s"
              .formatted(NSFWJS_FILE, NSFWJS_INCEPTION));
    }
    return file;
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
        ("there is no feature network '%s'; give %s, a file of Inception's weights, an ONNX file, or"
                + " one that './fewstep features train' wrote")
            .formatted(nameOrFile, String.join(" or ", NAMES)));
  }
}
