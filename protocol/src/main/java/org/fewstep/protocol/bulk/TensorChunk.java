package org.fewstep.protocol.bulk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Some elements of a tensor as they arrived, not looked at yet: they may be damaged.
 *
 * <p>{@link ChunkHeader} tells the form.
 */
final class TensorChunk implements ReaderMessage {
  private final byte[] message;

  private TensorChunk(byte[] message) {
    this.message = message;
  }

  /**
   * Copies all that remains in a buffer.
   *
   * @throws IllegalArgumentException if that is too short for a header
   */
  static TensorChunk readFrom(ByteBuffer from) {
    if (from.remaining() < ChunkHeader.BYTES) {
      throw new IllegalArgumentException("a chunk of %d bytes".formatted(from.remaining()));
    }
    byte[] message = new byte[from.remaining()];
    from.get(message);
    return new TensorChunk(message);
  }

  int bytes() {
    return message.length;
  }

  void writeTo(ByteBuffer to) {
    to.put(message);
  }

  /** Whether all bits are as they were sent. */
  boolean isIntact() {
    return ChunkHeader.readCrc(header()) == ChunkHeader.crc(header(), elements());
  }

  /**
   * What it says about itself; to be believed of an intact chunk alone.
   *
   * @throws IllegalArgumentException if that is unheard of
   */
  ChunkHeader says() {
    return ChunkHeader.read(header());
  }

  /** Where it says it belongs, damaged or not. */
  int saysFirst() {
    return ChunkHeader.readFirst(header());
  }

  /** Decodes all elements to where they belong. */
  void copyTo(float[] tensor) {
    ChunkHeader says = says();
    says.codec().read(elements(), tensor, says.first(), says.count());
  }

  int elementBytes() {
    return message.length - ChunkHeader.BYTES;
  }

  private ByteBuffer header() {
    return ByteBuffer.wrap(message, 0, ChunkHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer elements() {
    return ChunkHeader.afterHeader(ByteBuffer.wrap(message), message.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TensorChunk chunk && Arrays.equals(message, chunk.message);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(message);
  }
}
