package org.fewstep.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.Pictures;
import org.fewstep.model.io.Png.Pixels;
import org.fewstep.model.io.RegularFiles;
import org.jspecify.annotations.Nullable;

/**
 * A folder of pictures, numbered in the order of their paths. Sub-folders are classes, numbered in
 * the order of their names, and may hold further folders; a folder without sub-folders has no
 * labels. Where a {@code dataset.json} lies in the folder, as in an unpacked {@link ZipDataset},
 * labels are those that it tells.
 *
 * <p>Nothing is skipped but what {@link PictureNames#isIgnored} names: any other file that is no
 * picture is an error.
 */
final class FolderPictures implements PictureSource {
  private final List<Path> files;
  private final int[] labels;
  private final List<String> classNames;

  private FolderPictures(List<Path> files, int[] labels, List<String> classNames) {
    this.files = files;
    this.labels = labels;
    this.classNames = classNames;
  }

  /**
   * Lists a folder, without reading pictures.
   *
   * @throws UserException if it holds no pictures, or others than pictures
   */
  static FolderPictures open(Path folder) {
    SortedMap<String, Path> files = files(folder);
    Path labels = files.remove(PictureNames.LABELS);
    files.forEach(
        (name, file) -> {
          if (!PictureNames.isPicture(name)) {
            throw PictureNames.notAPicture(file.toString());
          }
        });
    if (files.isEmpty()) {
      throw new UserException(
          "the folder %s holds no pictures (%s), no IDX files and no CIFAR-10 files"
              .formatted(folder, String.join(", ", Pictures.EXTENSIONS)));
    }
    return labels == null ? labelledByFolder(folder, files) : labelledByFile(labels, files);
  }

  /** The first picture that lies in a folder itself, if there is one. */
  static Optional<Path> firstIn(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> !PictureNames.isIgnored(lastName(file)))
          .filter(file -> PictureNames.isPicture(lastName(file)) && !Files.isDirectory(file))
          .min(Comparator.comparing(FolderPictures::lastName, PictureNames.ORDER));
    } catch (IOException e) {
      throw IoFailures.cannotRead(folder, e);
    }
  }

  /** A class that the network would never see is a mistake: a copy that stopped, perhaps. */
  private static void checkNoEmptyClass(Path folder, TreeSet<String> classes) {
    try (Stream<Path> all = Files.list(folder)) {
      all.filter(Files::isDirectory)
          .filter(path -> !PictureNames.isIgnored(lastName(path)))
          .filter(path -> !classes.contains(lastName(path)))
          .min(Comparator.comparing(FolderPictures::lastName, PictureNames.ORDER))
          .ifPresent(
              path -> {
                throw new UserException(
                    "the folder %s would be a class and holds no pictures; fill or remove it"
                        .formatted(path));
              });
    } catch (IOException e) {
      throw IoFailures.cannotRead(folder, e);
    }
  }

  private static String lastName(Path path) {
    return path.getFileName().toString();
  }

  /**
   * All files by their names below the folder, with slashes. The paths are kept as they are found:
   * where Java takes names for plain ASCII, no text leads back to all of them.
   */
  private static SortedMap<String, Path> files(Path folder) {
    SortedMap<String, Path> files = new TreeMap<>(PictureNames.ORDER);
    Map<String, Path> classes = new HashMap<>();
    try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        Path below = folder.relativize(file);
        String name = below.toString().replace(folder.getFileSystem().getSeparator(), "/");
        if (!Files.isDirectory(file) && !PictureNames.isIgnored(name)) {
          checkDistinct(files.put(name, file), file);
          Path first = below.getName(0);
          Path other = classes.put(first.toString(), first);
          checkDistinct(first.equals(other) ? null : other, file);
        }
      }
      files.values().forEach(RegularFiles::check);
      return files;
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      throw cannotRead(folder, cause == null ? new IOException(e) : cause);
    } catch (IOException e) {
      throw cannotRead(folder, e);
    }
  }

  private static void checkDistinct(@Nullable Path other, Path file) {
    if (other != null) {
      throw new UserException(
          ("%s and another file look the same to Java, which takes names for %s here; set"
                  + " LC_ALL=C.UTF-8, or rename them")
              .formatted(file, System.getProperty("sun.jnu.encoding", "another encoding")));
    }
  }

  /** Names the folder or file below that was refused, where the system tells which. */
  private static UserException cannotRead(Path folder, IOException e) {
    return e instanceof FileSystemException refused && refused.getFile() != null
        ? new UserException(
            "cannot read %s: %s".formatted(refused.getFile(), IoFailures.reason(e)), e)
        : IoFailures.cannotRead(folder, e);
  }

  private static FolderPictures labelledByFile(Path file, SortedMap<String, Path> files) {
    try (InputStream content = Files.newInputStream(file)) {
      ZipDataset.Labels labels = ZipDataset.parseLabels(content, file.toString());
      return new FolderPictures(
          List.copyOf(files.values()),
          labels.of(List.copyOf(files.keySet()), file.toString()),
          labels.classNames());
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private static FolderPictures labelledByFolder(Path folder, SortedMap<String, Path> files) {
    TreeSet<String> classes = new TreeSet<>(PictureNames.ORDER);
    Optional<Path> without = Optional.empty();
    for (String name : files.keySet()) {
      int slash = name.indexOf('/');
      if (slash < 0) {
        without = Optional.ofNullable(files.get(name));
      } else {
        classes.add(name.substring(0, slash));
      }
    }
    checkNoEmptyClass(folder, classes);
    if (classes.isEmpty()) {
      return new FolderPictures(List.copyOf(files.values()), new int[0], List.of());
    }
    if (without.isPresent()) {
      throw new UserException(
          "%s lies beside sub-folders, which are classes: move it into one of them, or all pictures"
                  .formatted(without.get())
              + " into one folder without sub-folders");
    }
    List<String> classNames = List.copyOf(classes);
    Map<String, Integer> numbers = new HashMap<>();
    classNames.forEach(name -> numbers.put(name, numbers.size()));
    int[] labels =
        files.keySet().stream()
            .mapToInt(name -> numbers.getOrDefault(name.substring(0, name.indexOf('/')), -1))
            .toArray();
    return new FolderPictures(List.copyOf(files.values()), labels, classNames);
  }

  @Override
  public int count() {
    return files.size();
  }

  @Override
  public boolean labelled() {
    return labels.length > 0;
  }

  @Override
  public int label(int index) {
    return labelled() ? labels[index] : -1;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public String where(int index) {
    return files.get(index).toString();
  }

  @Override
  public Pixels read(int index) {
    return Pictures.decode(bytes(index), where(index));
  }

  @Override
  public boolean isGrey(int index) {
    return Pictures.isGrey(bytes(index), where(index));
  }

  private byte[] bytes(int index) {
    Path file = files.get(index);
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }
}
