package org.fewstep.model.io;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.fewstep.config.UserException;

/** A gzipped tar file for reading, from its first entry to its last. */
public final class TarGz {
  private static final int BUFFER_BYTES = 1 << 16;

  private TarGz() {}

  /** Takes what it needs from an entry's content and leaves the rest. */
  @FunctionalInterface
  public interface EntryReader {
    void read(String name, InputStream content) throws IOException;
  }

  /**
   * Goes through all entries that are files.
   *
   * @throws UserException if the file cannot be read, is none, or is damaged
   */
  public static void read(Path file, EntryReader reader) {
    RegularFiles.check(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new GZIPInputStream(raw, BUFFER_BYTES))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile()) {
          reader.read(entry.getName(), tar);
        }
      }
    } catch (FileSystemException e) {
      throw IoFailures.cannotRead(file, e);
    } catch (IOException e) {
      String reason = e instanceof EOFException ? "it ends too early" : IoFailures.reason(e);
      throw new UserException(
          "%s is not a whole .tar.gz file: %s; fetch it again".formatted(file, reason), e);
    }
  }
}
