package org.fewstep.model.io;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipOutputStream;
import org.fewstep.config.UserException;

/** NumPy's .npz format: a ZIP of {@link Npy} arrays, each called NAME.npy. */
public final class Npz {
  private static final String SUFFIX = ".npy";

  private Npz() {}

  /** Names of the arrays in a file, in its order. */
  public static List<String> names(Path file) {
    try (ZipArchive zip = ZipArchive.open(file)) {
      return names(zip);
    }
  }

  /**
   * Reads the arrays asked for, and no others.
   *
   * @throws UserException if the file is damaged or lacks one of them
   */
  public static Map<String, Tensor> read(Path file, String... names) {
    return read(file, List.of(names));
  }

  /** Shape of an array, without reading its elements into memory. */
  public static long[] shape(Path file, String name) {
    try (ZipArchive zip = ZipArchive.open(file)) {
      return zip.read(name + SUFFIX, Npy::shape);
    }
  }

  /** Reads all arrays. */
  public static Map<String, Tensor> readAll(Path file) {
    return read(file, names(file));
  }

  /** Writes aside and renames; equal arrays give equal files. */
  public static void write(Path file, Map<String, Tensor> arrays) {
    AtomicFiles.write(
        file,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out);
          for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
            zip.putNextEntry(ZipEntries.named(array.getKey() + SUFFIX));
            Npy.write(zip, array.getValue());
            zip.closeEntry();
          }
          zip.finish();
        });
  }

  private static Map<String, Tensor> read(Path file, List<String> names) {
    try (ZipArchive zip = ZipArchive.open(file)) {
      List<String> present = names(zip);
      Map<String, Tensor> arrays = new LinkedHashMap<>();
      for (String name : names) {
        if (!present.contains(name)) {
          throw new UserException(
              "%s holds no array named '%s'; it holds %s"
                  .formatted(file, name, String.join(", ", present)));
        }
        arrays.put(name, zip.read(name + SUFFIX, Npy::read));
      }
      return arrays;
    }
  }

  private static List<String> names(ZipArchive zip) {
    return zip.names().stream()
        .filter(name -> name.endsWith(SUFFIX))
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .toList();
  }
}
