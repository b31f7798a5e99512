package org.fewstep.model.io;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.fewstep.config.UserException;
import org.jspecify.annotations.Nullable;

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
   * @throws IOException if the reader fails at something else than the content, such as to write it
   */
  public static void read(Path file, EntryReader reader) throws IOException {
    RegularFiles.check(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        InputStream unzipped = new GZIPInputStream(raw, BUFFER_BYTES);
        TarArchiveInputStream tar = new TarArchiveInputStream(unzipped)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile()) {
          hand(entry.getName(), tar, reader);
        }
      }
      // A tar says itself where it ends; the checksum comes after that.
      unzipped.transferTo(OutputStream.nullOutputStream());
    } catch (ReaderFailure e) {
      throw e.cause;
    } catch (FileSystemException e) {
      throw IoFailures.cannotRead(file, e);
    } catch (IOException e) {
      String reason = e instanceof EOFException ? "it ends too early" : IoFailures.reason(e);
      throw new UserException(
          "%s is not a whole .tar.gz file: %s; fetch it again".formatted(file, reason), e);
    }
  }

  private static void hand(String name, InputStream content, EntryReader reader)
      throws IOException {
    Watched watched = new Watched(content);
    try {
      reader.read(name, watched);
    } catch (IOException e) {
      throw e == watched.failure ? e : new ReaderFailure(e);
    }
  }

  /** A failure that is not the archive's. */
  private static final class ReaderFailure extends IOException {
    private static final long serialVersionUID = 1;
    private final IOException cause;

    ReaderFailure(IOException cause) {
      super(cause);
      this.cause = cause;
    }
  }

  /** Remembers whether reading failed. */
  private static final class Watched extends FilterInputStream {
    private @Nullable IOException failure;

    Watched(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
