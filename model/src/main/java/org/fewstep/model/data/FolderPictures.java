package org.fewstep.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.Pictures;
import org.fewstep.model.io.Png.Pixels;
import org.fewstep.model.io.RegularFiles;

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
  private final Path folder;
  private final List<String> names;
  private final int[] labels;
  private final List<String> classNames;

  private FolderPictures(Path folder, List<String> names, int[] labels, List<String> classNames) {
    this.folder = folder;
    this.names = names;
    this.labels = labels;
    this.classNames = classNames;
  }

  /**
   * Lists a folder, without reading pictures.
   *
   * @throws UserException if it holds no pictures, or others than pictures
   */
  static FolderPictures open(Path folder) {
    List<String> files = files(folder);
    List<String> names = new ArrayList<>();
    for (String file : files) {
      if (PictureNames.isPicture(file)) {
        names.add(file);
      } else if (!file.equals(PictureNames.LABELS)) {
        throw PictureNames.notAPicture(folder.resolve(file).toString());
      }
    }
    if (names.isEmpty()) {
      throw new UserException(
          "the folder %s holds no pictures (%s), no IDX files and no CIFAR-10 files"
              .formatted(folder, String.join(", ", Pictures.EXTENSIONS)));
    }
    return files.contains(PictureNames.LABELS)
        ? labelledByFile(folder, names)
        : labelledByFolder(folder, names);
  }

  /** A class that the network would never see is a mistake: a copy that stopped, perhaps. */
  private static void checkNoEmptyClass(Path folder, TreeSet<String> classes) {
    try (Stream<Path> all = Files.list(folder)) {
      all.filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .filter(name -> !PictureNames.isIgnored(name) && !classes.contains(name))
          .min(PictureNames.ORDER)
          .ifPresent(
              name -> {
                throw new UserException(
                    "the folder %s would be a class and holds no pictures; fill or remove it"
                        .formatted(folder.resolve(name)));
              });
    } catch (IOException e) {
      throw IoFailures.cannotRead(folder, e);
    }
  }

  private static List<String> files(Path folder) {
    try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      List<String> files =
          all.filter(file -> !Files.isDirectory(file))
              .map(file -> folder.relativize(file).toString().replace('\\', '/'))
              .filter(name -> !PictureNames.isIgnored(name))
              .sorted(PictureNames.ORDER)
              .toList();
      files.forEach(name -> RegularFiles.check(folder.resolve(name)));
      return files;
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      throw cannotRead(folder, cause == null ? new IOException(e) : cause);
    } catch (IOException e) {
      throw cannotRead(folder, e);
    }
  }

  /** Names the folder or file below that was refused, where the system tells which. */
  private static UserException cannotRead(Path folder, IOException e) {
    return e instanceof FileSystemException refused && refused.getFile() != null
        ? IoFailures.cannotRead(Path.of(refused.getFile()), e)
        : IoFailures.cannotRead(folder, e);
  }

  private static FolderPictures labelledByFile(Path folder, List<String> names) {
    Path file = folder.resolve(PictureNames.LABELS);
    try (InputStream content = Files.newInputStream(file)) {
      ZipDataset.Labels labels = ZipDataset.parseLabels(content, file.toString());
      return new FolderPictures(
          folder, names, labels.of(names, file.toString()), labels.classNames());
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private static FolderPictures labelledByFolder(Path folder, List<String> names) {
    TreeSet<String> classes = new TreeSet<>(PictureNames.ORDER);
    Optional<String> without = Optional.empty();
    for (String name : names) {
      int slash = name.indexOf('/');
      if (slash < 0) {
        without = Optional.of(name);
      } else {
        classes.add(name.substring(0, slash));
      }
    }
    checkNoEmptyClass(folder, classes);
    if (classes.isEmpty()) {
      return new FolderPictures(folder, names, new int[0], List.of());
    }
    if (without.isPresent()) {
      throw new UserException(
          "%s lies beside sub-folders, which are classes: move it into one of them, or all pictures"
                  .formatted(folder.resolve(without.get()))
              + " into one folder without sub-folders");
    }
    List<String> classNames = List.copyOf(classes);
    Map<String, Integer> numbers = new HashMap<>();
    classNames.forEach(name -> numbers.put(name, numbers.size()));
    int[] labels =
        names.stream()
            .mapToInt(name -> numbers.getOrDefault(name.substring(0, name.indexOf('/')), -1))
            .toArray();
    return new FolderPictures(folder, names, labels, classNames);
  }

  @Override
  public int count() {
    return names.size();
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
    return folder.resolve(names.get(index)).toString();
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
    Path file = folder.resolve(names.get(index));
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }
}
