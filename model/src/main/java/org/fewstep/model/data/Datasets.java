package org.fewstep.model.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Resources;

/** Opens a data set by the one string that a user names it with. */
public final class Datasets {
  /** Starts the name of a data set that is shipped: {@code builtin:NAME}. */
  public static final String BUILTIN_PREFIX = "builtin:";

  /** Names of the shipped data sets. */
  public static final List<String> BUILTIN_NAMES =
      List.of("fashion-mnist-train-10k", "fashion-mnist-test-2k");

  private static final List<String> IDX_PARTS = List.of("train", "t10k");
  private static final String SUPPORTED =
      "supported are a .zip of PNG or uint8 .npy images, an IDX images file, a folder of IDX files"
          + " (FOLDER#train or FOLDER#t10k), and builtin:NAME with a NAME out of "
          + String.join(", ", BUILTIN_NAMES);

  private Datasets() {}

  /**
   * Opens {@code builtin:NAME}, a {@code .zip} ({@link ZipDataset}), an IDX images file ({@link
   * IdxDataset}), or a folder of IDX files under their standard names: {@code FOLDER#train}, {@code
   * FOLDER#t10k}, or {@code FOLDER} alone, which means train.
   *
   * @throws UserException if there is no such set or it is damaged
   */
  public static ImageDataset open(String location) {
    if (location.startsWith(BUILTIN_PREFIX)) {
      return openBuiltin(location.substring(BUILTIN_PREFIX.length()));
    }
    Path path = path(location);
    if (Files.isDirectory(path)) {
      return IdxDataset.readFolder(path, IDX_PARTS.get(0));
    }
    for (String part : IDX_PARTS) {
      if (location.endsWith("#" + part)) {
        Path folder = path(location.substring(0, location.length() - part.length() - 1));
        if (Files.isDirectory(folder)) {
          return IdxDataset.readFolder(folder, part);
        }
      }
    }
    if (!Files.exists(path)) {
      throw new UserException(
          "there is no data set at %s; %s".formatted(path.toAbsolutePath(), SUPPORTED));
    }
    String name = path.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".zip")) {
      return ZipDataset.read(path);
    }
    if (name.contains("idx3")) {
      return IdxDataset.read(path);
    }
    throw new UserException(
        "%s is not a kind of data set known here; %s".formatted(path, SUPPORTED));
  }

  /** The first {@code perClass} images of each class, in their order in the set. */
  public static int[] firstOfEachClass(ImageDataset dataset, int perClass) {
    int[] taken = new int[dataset.classes()];
    int[] indices = new int[dataset.classes() * perClass];
    int n = 0;
    for (int i = 0; i < dataset.count() && n < indices.length; i++) {
      if (dataset.classes() > 0 && taken[dataset.label(i)]++ < perClass) {
        indices[n++] = i;
      }
    }
    if (n < indices.length) {
      throw new IllegalArgumentException(
          "not every class has %d images: %s".formatted(perClass, Arrays.toString(taken)));
    }
    return indices;
  }

  private static Path path(String location) {
    try {
      return Path.of(location);
    } catch (InvalidPathException e) {
      throw new UserException("'%s' is not a path: %s".formatted(location, e.getReason()), e);
    }
  }

  private static ImageDataset openBuiltin(String name) {
    if (!BUILTIN_NAMES.contains(name)) {
      throw new UserException("there is no builtin data set '%s'; %s".formatted(name, SUPPORTED));
    }
    return Resources.read(Datasets.class, "builtin/" + name + ".zip", ZipDataset::read);
  }
}
