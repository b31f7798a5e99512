package org.fewstep.model.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.fewstep.config.UserException;

/**
 * Files that grow record by record. A record that the disk refuses leaves the file as it was, so
 * that the next one does not follow half a record; a crash may leave half of the last one.
 */
public final class Appending {
  private Appending() {}

  /**
   * Appends one line of text, creating the file where necessary.
   *
   * @throws UserException if the disk refuses
   */
  public static void line(Path file, String line) {
    try (FileChannel channel = open(file)) {
      record(channel, ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw IoFailures.cannotWrite(file, e);
    }
  }

  static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  static void record(FileChannel channel, ByteBuffer bytes) throws IOException {
    long before = channel.size();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      try {
        channel.truncate(before);
      } catch (IOException alsoRefused) {
        e.addSuppressed(alsoRefused);
      }
      throw e;
    }
  }
}
