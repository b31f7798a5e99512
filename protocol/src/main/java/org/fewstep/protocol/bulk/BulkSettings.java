package org.fewstep.protocol.bulk;

import java.time.Duration;

/**
 * How tensors travel between nodes.
 *
 * @param chunkBytes of the elements in a chunk, a multiple of 4
 * @param credit chunks of one tensor that may be on their way to one reader at once
 * @param patience how long a reader waits without any chunk before it asks again
 * @param repeats how often a reader asks again, for a damaged chunk or after silence, before the
 *     transfer fails
 */
public record BulkSettings(int chunkBytes, int credit, Duration patience, int repeats) {
  /** Above it Artery's frames, 2 MiB by default, would overflow. */
  static final int MAX_CHUNK_BYTES = 1 << 20;

  /**
   * 1 MiB, 8 chunks, 5 s, 3 times: a silent sender is given up after 20 s, and a reader that shares
   * its link needs 1.7 MB/s at least.
   */
  public static final BulkSettings DEFAULT =
      new BulkSettings(MAX_CHUNK_BYTES, 8, Duration.ofSeconds(5), 3);

  public BulkSettings {
    if (chunkBytes < Float.BYTES || chunkBytes > MAX_CHUNK_BYTES || chunkBytes % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "chunks of %d bytes: a multiple of 4, at most %d".formatted(chunkBytes, MAX_CHUNK_BYTES));
    }
    if (credit < 1 || repeats < 0 || patience.isNegative() || patience.isZero()) {
      throw new IllegalArgumentException(
          "credit %d, patience %s, %d repeats".formatted(credit, patience, repeats));
    }
  }
}
