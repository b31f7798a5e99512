package org.fewstep.model.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Function;

/** Files that are shipped inside the program. */
public final class Resources {
  private Resources() {}

  /**
   * Shows a resource to a reader as a file, which is gone afterwards: formats that are read from
   * several places need one, and a resource inside a jar is none.
   *
   * @param owner class in whose package the resource lies
   * @throws org.fewstep.config.UserException if there is no room for the file
   */
  public static <R> R read(Class<?> owner, String name, Function<Path, R> reader) {
    try (InputStream content = owner.getResourceAsStream(name)) {
      if (content == null) {
        throw new IllegalStateException("the resource %s is missing".formatted(name));
      }
      String fileName = name.substring(name.lastIndexOf('/') + 1);
      Path copy = Files.createTempFile("fewstep-", "-" + fileName);
      try {
        Files.copy(content, copy, StandardCopyOption.REPLACE_EXISTING);
        return reader.apply(copy);
      } finally {
        Files.delete(copy);
      }
    } catch (IOException e) {
      throw IoFailures.cannotRead(Path.of(name), e);
    }
  }
}
