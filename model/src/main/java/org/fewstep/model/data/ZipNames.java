package org.fewstep.model.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.fewstep.config.UserException;
import org.fewstep.model.io.ZipArchive;

/**
 * The names of an archive's entries as {@link PictureNames#normalised} makes them, whatever program
 * wrote the archive.
 */
final class ZipNames {
  private final Path file;
  private final Map<String, String> stored;

  private ZipNames(Path file, Map<String, String> stored) {
    this.file = file;
    this.stored = stored;
  }

  /**
   * Takes the names of all entries.
   *
   * @param file the archive in messages
   * @throws UserException if two entries have one name, or a name leads out of its folder
   */
  static ZipNames of(ZipArchive zip, Path file) {
    Map<String, String> stored = new HashMap<>();
    for (String entry : zip.names()) {
      String name = PictureNames.normalised(entry);
      if (Arrays.asList(name.split("/", -1)).contains("..")) {
        throw new UserException(
            "%s has '..' in its name; pack the archive again without it"
                .formatted(ZipDataset.where(file, entry)));
      }
      // Some programs end the names of folders with a backslash, which the JDK takes for files.
      if (!name.endsWith("/") && stored.put(name, entry) != null) {
        throw new UserException(
            "%s is there twice; pack the archive again with each name once"
                .formatted(ZipDataset.where(file, name)));
      }
    }
    return new ZipNames(file, stored);
  }

  boolean contains(String name) {
    return stored.containsKey(name);
  }

  /** What the archive itself calls an entry. */
  String stored(String name) {
    return stored.getOrDefault(name, name);
  }

  /**
   * The images, sorted.
   *
   * @param isPicture whether a name, other than that of an array, is that of an image
   * @throws UserException if there is none, or something that is none
   */
  List<String> images(Predicate<String> isPicture) {
    List<String> images = new ArrayList<>();
    List<String> sorted = stored.keySet().stream().sorted(PictureNames.ORDER).toList();
    for (String name : sorted) {
      if (PictureNames.isIgnored(name) || name.equals(PictureNames.LABELS)) {
        continue;
      }
      if (isPicture.test(name) || PictureNames.extension(name).equals("npy")) {
        images.add(name);
      } else if (PictureNames.isPicture(name)) {
        throw new UserException(
            "%s: only .png and .npy images are supported here; make them so by ./fewstep data convert"
                    .formatted(ZipDataset.where(file, name))
                + " %s --out FILE.zip".formatted(file));
      } else {
        throw PictureNames.notAPicture(ZipDataset.where(file, name));
      }
    }
    if (images.isEmpty()) {
      throw new UserException("%s holds no images (.png or .npy)".formatted(file));
    }
    return images;
  }
}
