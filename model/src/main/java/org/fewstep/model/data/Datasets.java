package org.fewstep.model.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.RegularFiles;
import org.fewstep.model.io.Resources;

/** Opens a data set by the one string that a user names it with. */
public final class Datasets {
  /** Starts the name of a data set that is shipped: {@code builtin:NAME}. */
  public static final String BUILTIN_PREFIX = "builtin:";

  /** Names of the shipped data sets. */
  public static final List<String> BUILTIN_NAMES =
      Stream.concat(
              Stream.of("fashion-mnist-train-10k", "fashion-mnist-test-2k"),
              ToyWorld.names().stream())
          .toList();

  private static final String SUPPORTED =
      "supported are a .zip of PNG or uint8 .npy images, a folder of pictures, an IDX images file,"
          + " a folder of IDX files (FOLDER#train or FOLDER#t10k), CIFAR-10's binary version (a"
          + " folder, a .bin file or the .tar.gz, with #train or #test), and builtin:NAME with a"
          + " NAME out of "
          + String.join(", ", BUILTIN_NAMES);

  private Datasets() {}

  /** Whether there is anything at a location, be it a data set or not. */
  public static boolean exists(String location) {
    if (location.startsWith(BUILTIN_PREFIX) || location.isBlank()) {
      return true;
    }
    int hash = location.lastIndexOf('#');
    return Files.exists(toPath(location))
        || (hash > 0 && Files.exists(toPath(location.substring(0, hash))));
  }

  /**
   * Opens {@code builtin:NAME}, a {@code .zip} ({@link ZipDataset}), an IDX images file or a folder
   * of such files under their standard names ({@link IdxDataset}), CIFAR-10's binary version
   * ({@link CifarDataset}), or a folder of pictures of one size (PNG, JPEG, BMP, GIF; sub-folders
   * are classes).
   *
   * <p>A {@code #train}, {@code #t10k} or {@code #test} after the path chooses a part of what has
   * parts; without it, that is train. A single file of images is one part and has none.
   *
   * @throws UserException if there is no such set or it is damaged
   */
  public static ImageDataset open(String location) {
    if (location.startsWith(BUILTIN_PREFIX)) {
      return openBuiltin(location.substring(BUILTIN_PREFIX.length()));
    }
    Place place = Place.of(location);
    return switch (place.kind()) {
      case ZIP -> ZipDataset.read(place.path());
      case PICTURES -> PictureDataset.read(FolderPictures.open(place.path()), location);
      default -> openWhole(place);
    };
  }

  /**
   * Opens what {@link #open} opens, and also folders and ZIP files of pictures of mixed sizes, to
   * read picture by picture. The caller closes it.
   *
   * @throws UserException if there is no such set, or it is one of points; damage to a picture
   *     shows when it is read
   */
  public static PictureSource openPictures(String location) {
    if (location.startsWith(BUILTIN_PREFIX)) {
      ImageDataset dataset = open(location);
      if (dataset.shape().equals(ImageShape.POINT)) {
        throw new UserException(
            "%s holds points, not pictures; train on it as it is, with data.path=%s"
                .formatted(location, location));
      }
      return new DatasetPictures(dataset, location, List.of());
    }
    Place place = Place.of(location);
    return switch (place.kind()) {
      case ZIP -> ZipPictures.open(place.path());
      case PICTURES -> FolderPictures.open(place.path());
      case CIFAR -> new DatasetPictures(openWhole(place), location, CifarDataset.CLASS_NAMES);
      case IDX -> new DatasetPictures(openWhole(place), location, List.of());
    };
  }

  /**
   * Names of the classes of what {@link #open} opens, in their order, without reading images; empty
   * where they have none.
   *
   * @throws UserException if there is no such set
   */
  public static List<String> classNames(String location) {
    if (location.startsWith(BUILTIN_PREFIX)) {
      return List.of();
    }
    Place place = Place.of(location);
    return switch (place.kind()) {
      case ZIP -> {
        try (PictureSource pictures = ZipPictures.open(place.path())) {
          yield pictures.classNames();
        }
      }
      case PICTURES -> FolderPictures.open(place.path()).classNames();
      case CIFAR -> CifarDataset.CLASS_NAMES;
      case IDX -> List.of();
    };
  }

  /** The folder that a location names, with or without a part; empty if it names something else. */
  public static Optional<Path> folderOf(String location) {
    if (location.startsWith(BUILTIN_PREFIX)) {
      return Optional.empty();
    }
    Path path = Place.of(location).path();
    return Files.isDirectory(path) ? Optional.of(path) : Optional.empty();
  }

  private static MemoryDataset openWhole(Place place) {
    boolean folder = Files.isDirectory(place.path());
    if (place.kind() == Kind.CIFAR) {
      String part = place.part().isEmpty() ? CifarDataset.TRAIN : place.part();
      return folder
          ? CifarDataset.readFolder(place.path(), part)
          : CifarDataset.readFile(place.path(), part);
    }
    String part = place.part().isEmpty() ? IdxDataset.TRAIN : place.part();
    return folder ? IdxDataset.readFolder(place.path(), part) : IdxDataset.read(place.path());
  }

  private enum Kind {
    ZIP(List.of()),
    IDX(List.of(IdxDataset.TRAIN, IdxDataset.TEST)),
    CIFAR(List.of(CifarDataset.TRAIN, CifarDataset.TEST)),
    PICTURES(List.of());

    private final List<String> parts;

    Kind(List<String> parts) {
      this.parts = parts;
    }
  }

  /**
   * Where a data set lies.
   *
   * @param part of what has parts; empty if none was named
   */
  private record Place(Path path, String part, Kind kind) {
    static Place of(String location) {
      if (location.isBlank()) {
        throw new UserException("the location of a data set is empty; " + SUPPORTED);
      }
      Path whole = toPath(location);
      int hash = location.lastIndexOf('#');
      if (Files.exists(whole) || hash < 1) {
        Kind kind = kindOf(whole);
        if (Files.isDirectory(whole) && !kind.parts.isEmpty()) {
          checkNoPictures(whole, kind);
        }
        return new Place(whole, "", kind);
      }
      Path path = toPath(location.substring(0, hash));
      Kind kind = kindOf(path);
      String part = location.substring(hash + 1);
      List<String> parts = hasParts(path) ? kind.parts : List.of();
      if (!parts.contains(part)) {
        throw new UserException(
            parts.isEmpty()
                ? "%s has no parts such as #%s; leave that out".formatted(path, part)
                : "%s has no part #%s; its parts are #%s"
                    .formatted(path, part, String.join(" and #", parts)));
      }
      return new Place(path, part, kind);
    }

    /** Pictures beside other files of images would be left out in silence. */
    private static void checkNoPictures(Path folder, Kind kind) {
      FolderPictures.firstIn(folder)
          .ifPresent(
              picture -> {
                throw new UserException(
                    "%s lies beside %s files: move it elsewhere, or say %s#%s if you mean those files"
                        .formatted(picture, kind, folder, kind.parts.get(0)));
              });
    }

    /** A single file of images is one part itself. */
    private static boolean hasParts(Path path) {
      return Files.isDirectory(path) || CifarDataset.isArchive(path);
    }

    private static Kind kindOf(Path path) {
      if (!Files.exists(path)) {
        throw new UserException(
            "there is no data set at %s; %s".formatted(path.toAbsolutePath(), SUPPORTED));
      }
      RegularFiles.checkFileOrFolder(path);
      if (Files.isDirectory(path)) {
        return IdxDataset.isFolder(path)
            ? Kind.IDX
            : CifarDataset.isFolder(path) ? Kind.CIFAR : Kind.PICTURES;
      }
      String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
      if (name.endsWith(".zip")) {
        return Kind.ZIP;
      }
      if (name.contains("idx3")) {
        return Kind.IDX;
      }
      if (CifarDataset.isFile(path)) {
        return Kind.CIFAR;
      }
      throw new UserException(
          "%s is not a kind of data set known here; %s".formatted(path, SUPPORTED));
    }
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

  private static Path toPath(String location) {
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
    Optional<ImageDataset> toy = ToyWorld.open(name);
    if (toy.isPresent()) {
      return toy.get();
    }
    return Resources.read(Datasets.class, "builtin/" + name + ".zip", ZipDataset::read);
  }
}
