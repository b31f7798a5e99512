package org.fewstep.model.io;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Files of this program's own that end with the SHA-256 of all that comes before it, so that a
 * damaged one is noticed before anything of it is used.
 */
public final class SealedFiles {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int SEAL_BYTES = 32;

  private SealedFiles() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Writer {
    void writeTo(DataOutputStream out) throws IOException;
  }

  /** Reads the content of a file. */
  @FunctionalInterface
  public interface Reader<T> {
    T readFrom(DataInputStream in) throws IOException;
  }

  /**
   * Creates or replaces a file, as {@link AtomicFiles} does.
   *
   * @throws org.fewstep.config.UserException if the disk refuses
   */
  public static void write(Path file, Writer content) {
    AtomicFiles.write(
        file,
        out -> {
          DigestOutputStream sealing = new DigestOutputStream(out, Sha256.digest());
          DataOutputStream data =
              new DataOutputStream(new BufferedOutputStream(sealing, BUFFER_BYTES));
          content.writeTo(data);
          data.flush();
          out.write(sealing.getMessageDigest().digest());
        });
  }

  /**
   * Checks that a file is as it was written.
   *
   * @throws IOException if it is not, or cannot be read
   */
  public static void check(Path file) throws IOException {
    long length = Files.size(file) - SEAL_BYTES;
    if (length < 0) {
      throw new IOException("it is cut off");
    }
    MessageDigest digest = Sha256.digest();
    try (InputStream in = Files.newInputStream(file)) {
      DigestInputStream content = new DigestInputStream(in, digest);
      byte[] buffer = new byte[BUFFER_BYTES];
      for (long left = length; left > 0; ) {
        int read = content.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new EOFException("it is cut off");
        }
        left -= read;
      }
      if (!Arrays.equals(in.readNBytes(SEAL_BYTES), digest.digest())) {
        throw new IOException("its checksum is wrong");
      }
    }
  }

  /**
   * Reads what {@link #write} wrote, or the beginning of it.
   *
   * @throws IOException if it cannot be read, or ends before the reader does; {@link #check} tells
   *     damage
   */
  public static <T> T read(Path file, Reader<T> reader) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES))) {
      return reader.readFrom(in);
    }
  }
}
