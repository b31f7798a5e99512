package org.fewstep.model.data;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Pictures;

/** Which files in a folder or an archive are pictures, and in which order they are numbered. */
final class PictureNames {
  /** Labels of the other files, as {@link ZipDataset} describes. */
  static final String LABELS = "dataset.json";

  /** Python's order of strings, which the official tools sort by: that of the code points. */
  static final Comparator<String> ORDER =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  /** What the desktops of Windows leave in folders; others use names that start with a dot. */
  private static final List<String> LEFT_BY_DESKTOPS = List.of("thumbs.db", "desktop.ini");

  private static final String LEFT_BY_ARCHIVERS = "__MACOSX";

  private PictureNames() {}

  /** The ending of a name in lower case, without its dot. */
  static String extension(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  /** A path in an archive with slashes for backslashes and without steps to where it is. */
  static String normalised(String path) {
    return Arrays.stream(path.replace('\\', '/').split("/", -1))
        .filter(part -> !part.equals("."))
        .collect(Collectors.joining("/"));
  }

  /** Whether a name ends as that of a picture which {@link Pictures} decodes. */
  static boolean isPicture(String name) {
    return Pictures.EXTENSIONS.contains(extension(name));
  }

  /**
   * Whether a file is no part of a data set although it lies in it: one whose name, or whose
   * folder's, starts with a dot, and what desktops and archivers leave behind.
   *
   * @param path relative to the folder or archive, with slashes
   */
  static boolean isIgnored(String path) {
    for (String part : path.split("/", -1)) {
      if (part.startsWith(".")
          || part.equals(LEFT_BY_ARCHIVERS)
          || LEFT_BY_DESKTOPS.contains(part.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }

  static UserException notAPicture(String where) {
    return new UserException(
        "%s is no picture (%s); convert, move or remove it"
            .formatted(where, String.join(", ", Pictures.EXTENSIONS)));
  }
}
