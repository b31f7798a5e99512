package org.fewstep.model.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.fewstep.config.UserException;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.RegularFiles;

/**
 * The IDX format of MNIST and its relatives, gzipped or not: big-endian magic (two zero bytes, type
 * 8 = unsigned byte, number of dimensions), the extents, the bytes. Images have three dimensions
 * (count, rows, columns) and one channel; labels have one.
 */
public final class IdxDataset {
  private static final int IMAGES_MAGIC = 0x0803;
  private static final int LABELS_MAGIC = 0x0801;
  static final String TRAIN = "train";
  static final String TEST = "t10k";

  private static final List<String> SUFFIXES =
      List.of("-images-idx3-ubyte.gz", "-images-idx3-ubyte");
  private static final String GZIPPED = ".gz";
  private static final Pattern IMAGES_IN_NAME =
      Pattern.compile("images([-.])idx3", Pattern.CASE_INSENSITIVE);
  private static final int MAX_EXTENT = 1 << 14;

  /** How many bytes a byte of a gzipped file can stand for at most. */
  private static final int MOST_PER_BYTE = 1032;

  private IdxDataset() {}

  /**
   * Reads an images file and the labels file beside it, whose name is the same with {@code
   * labels-idx1} for {@code images-idx3} (or {@code labels.idx1} for {@code images.idx3}), gzipped
   * or not, in capitals or not; where there is none, the set has no labels.
   *
   * @throws UserException naming the file that is damaged
   */
  public static MemoryDataset read(Path imagesFile) {
    List<byte[]> images = new ArrayList<>();
    ImageShape shape = readFile(imagesFile, in -> readImages(imagesFile, in, images));
    Optional<Path> labelsFile = labelsFile(imagesFile);
    int[] labels =
        labelsFile.isEmpty()
            ? new int[0]
            : readFile(labelsFile.get(), in -> readLabels(labelsFile.get(), in, images.size()));
    return new MemoryDataset(shape, images, labels);
  }

  /**
   * Reads the files of one part of a folder under their standard names: {@code
   * PART-images-idx3-ubyte[.gz]} and {@code PART-labels-idx1-ubyte[.gz]}.
   *
   * @param part {@code train} or {@code t10k}
   */
  public static MemoryDataset readFolder(Path folder, String part) {
    for (String suffix : SUFFIXES) {
      Path images = folder.resolve(part + suffix);
      if (Files.exists(images)) {
        return read(images);
      }
    }
    throw new UserException(
        "the folder %s holds no %s-images-idx3-ubyte, gzipped or not".formatted(folder, part));
  }

  /** Whether a folder holds IDX images under one of their standard names. */
  public static boolean isFolder(Path folder) {
    for (String part : List.of(TRAIN, TEST)) {
      for (String suffix : SUFFIXES) {
        if (Files.exists(folder.resolve(part + suffix))) {
          return true;
        }
      }
    }
    return false;
  }

  private static Optional<Path> labelsFile(Path imagesFile) {
    String images = imagesFile.getFileName().toString();
    String same = IMAGES_IN_NAME.matcher(images).replaceFirst("labels$1idx1");
    if (same.equals(images)) {
      return Optional.empty();
    }
    String other =
        same.toLowerCase(Locale.ROOT).endsWith(GZIPPED)
            ? same.substring(0, same.length() - GZIPPED.length())
            : same + GZIPPED;
    try (Stream<Path> files = Files.list(imagesFile.resolveSibling(""))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.equalsIgnoreCase(same) || name.equalsIgnoreCase(other))
          .min(
              Comparator.comparing((String name) -> !name.equalsIgnoreCase(same))
                  .thenComparing(name -> !name.equals(same))
                  .thenComparing(Comparator.naturalOrder()))
          .map(imagesFile::resolveSibling);
    } catch (IOException e) {
      throw IoFailures.cannotRead(imagesFile.resolveSibling(""), e);
    }
  }

  private interface Reader<R> {
    R read(DataInputStream in) throws IOException;
  }

  private static <R> R readFile(Path file, Reader<R> reader) {
    RegularFiles.check(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      raw.mark(2);
      boolean gzipped = raw.read() == 0x1F && raw.read() == 0x8B;
      raw.reset();
      DataInputStream in = new DataInputStream(gzipped ? new GZIPInputStream(raw, 1 << 16) : raw);
      R result = reader.read(in);
      if (in.read() >= 0) {
        throw damaged(file, "it goes on after its last element");
      }
      return result;
    } catch (EOFException e) {
      throw damaged(file, "it ends too early");
    } catch (ZipException e) {
      throw damaged(file, "its compressed data are damaged (%s)".formatted(e.getMessage()));
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private static ImageShape readImages(Path file, DataInputStream in, List<byte[]> images)
      throws IOException {
    expectMagic(file, in, IMAGES_MAGIC, "images");
    int count = in.readInt();
    int height = in.readInt();
    int width = in.readInt();
    if (count < 1 || height < 1 || width < 1 || height > MAX_EXTENT || width > MAX_EXTENT) {
      throw damaged(file, "it claims %d images of %d x %d".formatted(count, height, width));
    }
    ImageShape shape = new ImageShape(1, height, width);
    // A file that cannot hold what it claims is damaged, and so shows when it ends.
    if ((long) count * shape.size() <= Files.size(file) * MOST_PER_BYTE) {
      MemoryDataset.checkFits(file.toString(), count, shape);
    }
    for (int i = 0; i < count; i++) {
      byte[] image = in.readNBytes(shape.size());
      if (image.length < shape.size()) {
        throw damaged(file, "it claims %d images and ends in number %d".formatted(count, i));
      }
      images.add(image);
    }
    return shape;
  }

  private static int[] readLabels(Path file, DataInputStream in, int images) throws IOException {
    expectMagic(file, in, LABELS_MAGIC, "labels");
    int count = in.readInt();
    if (count != images) {
      throw damaged(file, "it claims %d labels for %d images".formatted(count, images));
    }
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = in.readUnsignedByte();
    }
    return labels;
  }

  private static void expectMagic(Path file, DataInputStream in, int expected, String kind)
      throws IOException {
    int magic = in.readInt();
    if (magic != expected) {
      throw damaged(
          file, "it starts with 0x%08x, a file of %s with 0x%08x".formatted(magic, kind, expected));
    }
  }

  private static UserException damaged(Path file, String what) {
    return new UserException("%s is not a usable IDX file: %s".formatted(file, what));
  }
}
