package org.fewstep.model.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.RegularFiles;
import org.fewstep.model.io.TarGz;

/**
 * The binary version of CIFAR-10 (Krizhevsky, 2009): files of records of 3073 bytes, each a label
 * from 0 to 9 and the three planes of an image of 32 by 32 pixels. The training images lie in
 * {@code data_batch_1.bin} and so on, the test images in {@code test_batch.bin}, loose in a folder
 * or in the official archive {@code cifar-10-binary.tar.gz}.
 */
public final class CifarDataset {
  /** The names of the classes, by label. */
  public static final List<String> CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  static final String TRAIN = "train";
  static final String TEST = "test";

  private static final ImageShape SHAPE = new ImageShape(3, 32, 32);
  private static final int TRAIN_FILES = 5;
  private static final String TEST_FILE = "test_batch.bin";
  private static final Pattern TRAIN_FILE = Pattern.compile("data_batch_(\\d{1,3})\\.bin");
  private static final String ARCHIVE_SUFFIX = ".tar.gz";

  private final List<byte[]> images = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();

  private CifarDataset() {}

  /** Whether a folder holds CIFAR-10's files under their names. */
  static boolean isFolder(Path folder) {
    return Files.exists(folder.resolve(TEST_FILE))
        || IntStream.rangeClosed(1, TRAIN_FILES)
            .anyMatch(number -> Files.exists(folder.resolve(trainFile(number))));
  }

  /** Whether a file is named as CIFAR-10's are. */
  static boolean isFile(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(".bin") || isArchive(file);
  }

  /** Whether a file is named as an archive of all files is. */
  static boolean isArchive(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(ARCHIVE_SUFFIX) || name.endsWith(".tgz");
  }

  /**
   * Reads one part of a folder.
   *
   * @param part {@link #TRAIN} or {@link #TEST}
   * @throws UserException naming the file and record that is damaged, or the file that is missing
   */
  static MemoryDataset readFolder(Path folder, String part) {
    CifarDataset set = new CifarDataset();
    for (Path file : filesOf(folder, part)) {
      set.readFile(file);
    }
    return set.finish(folder.toString(), part);
  }

  /**
   * Reads one part of the official archive, or a single {@code .bin} file, which is one part.
   *
   * @throws UserException naming the file and record that is damaged
   */
  static MemoryDataset readFile(Path file, String part) {
    CifarDataset set = new CifarDataset();
    if (isArchive(file)) {
      set.readArchive(file, part);
    } else {
      set.readFile(file);
    }
    return set.finish(file.toString(), part);
  }

  private static List<Path> filesOf(Path folder, String part) {
    if (part.equals(TEST)) {
      return List.of(existing(folder.resolve(TEST_FILE)));
    }
    TreeMap<Integer, Path> batches = new TreeMap<>();
    try (var files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher name = TRAIN_FILE.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          Path other = batches.put(Integer.parseInt(name.group(1)), file);
          if (other != null) {
            throw damaged(file.toString(), "%s has the same number".formatted(other));
          }
        }
      }
    } catch (IOException e) {
      throw IoFailures.cannotRead(folder, e);
    }
    for (int i = 1; i <= Math.max(TRAIN_FILES, batches.size()); i++) {
      if (!batches.containsKey(i)) {
        existing(folder.resolve(trainFile(i)));
      }
    }
    return List.copyOf(batches.values());
  }

  private static String trainFile(int number) {
    return "data_batch_%d.bin".formatted(number);
  }

  private static Path existing(Path file) {
    if (!Files.exists(file)) {
      throw new UserException(
          "%s is missing from the files of CIFAR-10 beside it; unpack the archive again"
              .formatted(file));
    }
    return file;
  }

  private void readFile(Path file) {
    RegularFiles.check(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      readRecords(in, file.toString(), Files.size(file), images.size());
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private void readArchive(Path file, String part) {
    TreeMap<Integer, CifarDataset> batches = new TreeMap<>();
    try {
      TarGz.read(
          file,
          (path, content) -> {
            String name = path.substring(path.lastIndexOf('/') + 1);
            Matcher training = TRAIN_FILE.matcher(name);
            if (part.equals(TEST) ? name.equals(TEST_FILE) : training.matches()) {
              CifarDataset batch = new CifarDataset();
              int before = batches.values().stream().mapToInt(b -> b.images.size()).sum();
              // What is available of an entry is all of it, up to 2 GiB.
              batch.readRecords(
                  content, "%s (entry %s)".formatted(file, path), content.available(), before);
              int number = part.equals(TEST) ? 1 : Integer.parseInt(training.group(1));
              if (batches.put(number, batch) != null) {
                throw damaged(file.toString(), "it holds %s twice".formatted(name));
              }
            }
          });
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
    int expected = part.equals(TEST) ? 0 : Math.max(TRAIN_FILES, batches.size());
    for (int i = 1; i <= expected; i++) {
      if (!batches.containsKey(i)) {
        throw damaged(file.toString(), trainFile(i) + " is missing");
      }
    }
    for (CifarDataset batch : batches.values()) {
      images.addAll(batch.images);
      labels.addAll(batch.labels);
    }
  }

  /**
   * Reads a file of records.
   *
   * @param bytes it has
   * @param before images that are in memory already
   */
  private void readRecords(InputStream in, String where, long bytes, int before)
      throws IOException {
    byte[] record = new byte[1 + SHAPE.size()];
    MemoryDataset.checkFits(where, before + bytes / record.length, SHAPE);
    for (int number = 0; ; number++) {
      int length = in.readNBytes(record, 0, record.length);
      if (length == 0 && number > 0) {
        return;
      }
      if (length < record.length) {
        throw damaged(
            where, "record %d has %d bytes instead of %d".formatted(number, length, record.length));
      }
      int label = record[0] & 0xFF;
      if (label >= CLASS_NAMES.size()) {
        throw damaged(
            where, "record %d has the label %d, not one from 0 to 9".formatted(number, label));
      }
      labels.add(label);
      images.add(Arrays.copyOfRange(record, 1, record.length));
    }
  }

  private MemoryDataset finish(String where, String part) {
    if (images.isEmpty()) {
      throw damaged(where, "it holds no %s images".formatted(part));
    }
    return new MemoryDataset(SHAPE, images, labels.stream().mapToInt(Integer::intValue).toArray());
  }

  private static UserException damaged(String where, String what) {
    return new UserException(
        "%s is not usable as CIFAR-10's binary version: %s".formatted(where, what));
  }
}
