package org.fewstep.model.metrics;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.metrics.distance.FeatureRows;

/**
 * Features kept one by one, in a file of float32 (little-endian) that only grows. How many of its
 * rows count, and their checksum, is written elsewhere: what a crash leaves behind them is
 * overwritten.
 */
final class RowFile {
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path file;
  private final int dimensions;
  private int rows;
  private MessageDigest digest = Sha256.digest();

  /** A file without rows yet. */
  RowFile(Path file, int dimensions) {
    this.file = file;
    this.dimensions = dimensions;
  }

  /** Rows that count. */
  int rows() {
    return rows;
  }

  /** Of the rows that count. */
  String sha256() {
    return HexFormat.of().formatHex(copyOf(digest).digest());
  }

  /** Appends the rows that are not in the file yet, and forces them to the disk. */
  void append(FeatureRows all) throws IOException {
    MessageDigest extended = copyOf(digest);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.position((long) rows * rowBytes());
      ByteBuffer buffer = buffer();
      int atOnce = buffer.capacity() / rowBytes();
      for (int from = rows; from < all.count(); from += atOnce) {
        int to = Math.min(from + atOnce, all.count());
        buffer.clear().limit((to - from) * rowBytes());
        all.copy(from, to, buffer.asFloatBuffer());
        extended.update(buffer.duplicate());
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
      channel.force(false);
    }
    digest = extended;
    rows = all.count();
  }

  /**
   * Counts the first rows of the file as written.
   *
   * @param kept receives them, also when they turn out to be others
   * @throws IOException if they are not those that were written
   */
  void takeUp(int count, String sha256, FeatureRows kept) throws IOException {
    MessageDigest found = Sha256.digest();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = buffer();
      int atOnce = buffer.capacity() / rowBytes();
      for (int from = 0; from < count; from += atOnce) {
        int n = Math.min(atOnce, count - from);
        buffer.clear().limit(n * rowBytes());
        while (buffer.hasRemaining()) {
          if (channel.read(buffer) < 0) {
            throw new IOException("%s is cut off".formatted(file.getFileName()));
          }
        }
        buffer.flip();
        found.update(buffer.duplicate());
        float[] values = new float[n * dimensions];
        buffer.asFloatBuffer().get(values);
        kept.add(values, n);
      }
    }
    digest = found;
    rows = count;
    if (!sha256().equals(sha256)) {
      throw new IOException("the checksum of %s is wrong".formatted(file.getFileName()));
    }
  }

  private int rowBytes() {
    return Math.multiplyExact(Float.BYTES, dimensions);
  }

  private ByteBuffer buffer() {
    return ByteBuffer.allocate(Math.max(1, BUFFER_BYTES / rowBytes()) * rowBytes())
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static MessageDigest copyOf(MessageDigest digest) {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's SHA-256 can be copied", e);
    }
  }
}
