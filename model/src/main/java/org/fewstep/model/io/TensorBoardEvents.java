package org.fewstep.model.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32C;
import org.fewstep.config.UserException;

/**
 * Scalars over images seen, in the event file that TensorBoard reads: a sequence of records
 * (length, its checksum, data, its checksum; the TFRecord format), each an {@code Event} message of
 * TensorFlow's {@code event.proto} with the fields wall_time = 1, step = 2, file_version = 3,
 * summary = 5, session_log = 7; a summary is a list of values with tag = 1 and simple_value = 2, a
 * session log has a status = 1, of which 1 is START.
 */
public final class TensorBoardEvents implements AutoCloseable {
  private static final int SESSION_START = 1;
  private static final int MASK_DELTA = 0xa282ead8;
  private static final int WIRE_VARINT = 0;
  private static final int WIRE_FIXED64 = 1;
  private static final int WIRE_BYTES = 2;
  private static final int WIRE_FIXED32 = 5;

  private final Path file;
  private final FileChannel channel;

  private TensorBoardEvents(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * A new event file in a folder.
   *
   * @param epochSeconds time of the start, part of the name
   * @param firstImages TensorBoard drops what earlier files of the folder hold at so many images or
   *     more: an earlier process had come that far, but this one goes on from before; 0 to drop
   *     nothing
   * @throws UserException if it cannot be written
   */
  public static TensorBoardEvents create(Path folder, long epochSeconds, long firstImages) {
    Path file = unused(folder, "events.out.tfevents." + epochSeconds + ".fewstep");
    try {
      TensorBoardEvents events = new TensorBoardEvents(file, Appending.open(file));
      Message version = new Message();
      version.fixed64(1, Double.doubleToLongBits(epochSeconds));
      version.bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
      events.append(version.toByteArray());
      if (firstImages > 0) {
        Message start = new Message();
        start.varint(1, SESSION_START);
        Message event = new Message();
        event.fixed64(1, Double.doubleToLongBits(epochSeconds));
        event.varint(2, firstImages);
        event.bytes(7, start.toByteArray());
        events.append(event.toByteArray());
      }
      return events;
    } catch (IOException e) {
      throw IoFailures.cannotWrite(file, e);
    }
  }

  /** A name that no earlier process of the same second has taken; later ones sort behind. */
  private static Path unused(Path folder, String name) {
    Path file = folder.resolve(name);
    for (int i = 2; Files.exists(file); i++) {
      file = folder.resolve(name + "-" + i);
    }
    return file;
  }

  /** Adds scalars at a number of images; each call reaches the file at once. */
  public void add(double epochSeconds, long images, Map<String, Double> scalars) {
    Message summary = new Message();
    scalars.forEach(
        (tag, value) -> {
          Message scalar = new Message();
          scalar.bytes(1, tag.getBytes(StandardCharsets.UTF_8));
          scalar.fixed32(2, Float.floatToIntBits(value.floatValue()));
          summary.bytes(1, scalar.toByteArray());
        });
    Message event = new Message();
    event.fixed64(1, Double.doubleToLongBits(epochSeconds));
    event.varint(2, images);
    event.bytes(5, summary.toByteArray());
    try {
      append(event.toByteArray());
    } catch (IOException e) {
      throw IoFailures.cannotWrite(file, e);
    }
  }

  private void append(byte[] data) throws IOException {
    byte[] length = littleEndian(Long.BYTES).putLong(data.length).array();
    ByteBuffer record = littleEndian(Long.BYTES + data.length + 2 * Integer.BYTES);
    record.put(length).putInt(maskedChecksum(length));
    record.put(data).putInt(maskedChecksum(data));
    Appending.record(channel, record.rewind());
  }

  private static int maskedChecksum(byte[] data) {
    CRC32C checksum = new CRC32C();
    checksum.update(data);
    return Integer.rotateRight((int) checksum.getValue(), 15) + MASK_DELTA;
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw IoFailures.cannotWrite(file, e);
    }
  }

  /** The few forms of protobuf's encoding that events need. */
  private static final class Message {
    private final ByteArrayOutputStream encoded = new ByteArrayOutputStream();

    void varint(int field, long value) {
      key(field, WIRE_VARINT);
      raw(value);
    }

    void fixed64(int field, long bits) {
      key(field, WIRE_FIXED64);
      encoded.writeBytes(littleEndian(Long.BYTES).putLong(bits).array());
    }

    void fixed32(int field, int bits) {
      key(field, WIRE_FIXED32);
      encoded.writeBytes(littleEndian(Integer.BYTES).putInt(bits).array());
    }

    void bytes(int field, byte[] value) {
      key(field, WIRE_BYTES);
      raw(value.length);
      encoded.writeBytes(value);
    }

    byte[] toByteArray() {
      return encoded.toByteArray();
    }

    private void key(int field, int wireType) {
      raw((long) field << 3 | wireType);
    }

    private void raw(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        encoded.write((int) (rest & 0x7F | 0x80));
        rest >>>= 7;
      }
      encoded.write((int) rest);
    }
  }
}
