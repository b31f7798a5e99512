package org.fewstep.model.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Checksums of files. */
public final class Sha256 {
  private Sha256() {}

  /**
   * SHA-256 of a file's bytes, 64 hexadecimal digits in lower case.
   *
   * @throws org.fewstep.config.UserException if it cannot be read
   */
  public static String ofFile(Path file) {
    try (InputStream content = Files.newInputStream(file)) {
      return of(content);
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  /** SHA-256 of all bytes to the end of a stream, which stays open; digits as above. */
  public static String of(InputStream content) throws IOException {
    MessageDigest digest = digest();
    new DigestInputStream(content, digest).transferTo(OutputStream.nullOutputStream());
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 of some bytes, digits as above. */
  public static String of(byte[] content) {
    return HexFormat.of().formatHex(digest().digest(content));
  }

  /** A new, empty digest. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
