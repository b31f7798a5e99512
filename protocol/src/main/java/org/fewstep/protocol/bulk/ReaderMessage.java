package org.fewstep.protocol.bulk;

/** What a reader may be told. */
sealed interface ReaderMessage
    permits TensorSlice, TensorChunk, ReaderMessage.Refused, ReaderMessage.Silence {

  /**
   * The tensor cannot be had.
   *
   * @param reason why, as the user is to read it
   */
  record Refused(String reason) implements ReaderMessage {}

  /** No chunk has come for a while; never leaves the reader. */
  record Silence() implements ReaderMessage {}
}
