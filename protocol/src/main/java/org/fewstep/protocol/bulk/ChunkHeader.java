package org.fewstep.protocol.bulk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.fewstep.protocol.TensorCodec;

/**
 * What stands before the elements of a chunk, little-endian:
 *
 * <pre>
 *   bytes  0- 3  CRC32C of all that follows, header and elements
 *   byte   4     1, the version of this form
 *   byte   5     codec: 1 float32, 2 bfloat16
 *   bytes  6- 7  0
 *   bytes  8-11  index of the first element in the tensor
 *   bytes 12-15  number of elements
 * </pre>
 *
 * @param first index in the tensor
 * @param count elements
 */
record ChunkHeader(TensorCodec codec, int first, int count) {
  static final int BYTES = 16;

  private static final int CRC_AT = 0;
  private static final int VERSION_AT = 4;
  private static final int CODEC_AT = 5;
  private static final int ZERO_AT = 6;
  private static final int FIRST_AT = 8;
  private static final int COUNT_AT = 12;

  private static final byte VERSION = 1;
  private static final byte FLOAT32 = 1;
  private static final byte BFLOAT16 = 2;

  /** A view of what follows the header in a message of that length. */
  static ByteBuffer afterHeader(ByteBuffer message, int messageBytes) {
    return message
        .slice(message.position() + BYTES, messageBytes - BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes the header before elements that stand there already and moves behind both. */
  void seal(ByteBuffer message, ByteBuffer elements) {
    int start = message.position();
    int bytes = BYTES + elements.remaining();
    ByteBuffer header = message.slice(start, BYTES).order(ByteOrder.LITTLE_ENDIAN);
    write(header);
    header.putInt(CRC_AT, crc(header, elements));
    message.position(start + bytes);
  }

  private void write(ByteBuffer header) {
    header.put(VERSION_AT, VERSION);
    header.put(
        CODEC_AT,
        switch (codec) {
          case FLOAT32 -> FLOAT32;
          case BFLOAT16 -> BFLOAT16;
        });
    header.putShort(ZERO_AT, (short) 0);
    header.putInt(FIRST_AT, first);
    header.putInt(COUNT_AT, count);
  }

  /**
   * Reads it from the start of a buffer.
   *
   * @throws IllegalArgumentException if it says something unheard of
   */
  static ChunkHeader read(ByteBuffer header) {
    byte version = header.get(VERSION_AT);
    byte codec = header.get(CODEC_AT);
    if (version != VERSION) {
      throw new IllegalArgumentException("a chunk of version " + version);
    }
    return new ChunkHeader(
        switch (codec) {
          case FLOAT32 -> TensorCodec.FLOAT32;
          case BFLOAT16 -> TensorCodec.BFLOAT16;
          default -> throw new IllegalArgumentException("a chunk in codec " + codec);
        },
        header.getInt(FIRST_AT),
        header.getInt(COUNT_AT));
  }

  static int readCrc(ByteBuffer header) {
    return header.getInt(CRC_AT);
  }

  static int readFirst(ByteBuffer header) {
    return header.getInt(FIRST_AT);
  }

  /** The checksum as it should be; the one in the header plays no part. */
  static int crc(ByteBuffer header, ByteBuffer elements) {
    CRC32C crc = new CRC32C();
    crc.update(header.duplicate().position(VERSION_AT).limit(BYTES));
    crc.update(elements.duplicate());
    return (int) crc.getValue();
  }
}
