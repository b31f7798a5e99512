package org.fewstep.model.io.pickle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files as {@code torch.save} writes them. */
public final class TorchFiles {
  private TorchFiles() {}

  /** A float32 tensor. */
  public record Values(float[] values, long... shape) {}

  /** A state_dict as PyTorch 1.6 and later saves it. */
  public static byte[] stateDict(Map<String, Values> tensors) {
    PickleWriter pickle = PickleWriter.protocol2();
    dict(pickle, tensors);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", pickle.stop());
    int key = 0;
    for (Values tensor : tensors.values()) {
      entries.put("archive/data/" + key++, bytes(tensor.values()));
    }
    entries.put("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return zip(entries);
  }

  /** A state_dict as PyTorch before 1.6 saves it. */
  public static byte[] legacyStateDict(Map<String, Values> tensors) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(legacyHead());
    PickleWriter pickle = PickleWriter.protocol2();
    dict(pickle, tensors);
    out.writeBytes(pickle.stop());
    PickleWriter keys = PickleWriter.protocol2().raw(']').mark();
    for (int key = 0; key < tensors.size(); key++) {
      keys.text(Integer.toString(key));
    }
    out.writeBytes(keys.raw('e').stop());
    for (Values tensor : tensors.values()) {
      out.writeBytes(new PickleWriter().int64(tensor.values().length).unfinished());
      out.writeBytes(bytes(tensor.values()));
    }
    return out.toByteArray();
  }

  /** Magic number, protocol and machine of the old format. */
  static byte[] legacyHead() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        PickleWriter.protocol2()
            .raw(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
            .stop());
    out.writeBytes(PickleWriter.protocol2().raw('M', 0xe9, 0x03).stop());
    out.writeBytes(
        PickleWriter.protocol2()
            .raw('}')
            .mark()
            .text("little_endian")
            .raw(0x88)
            .text("protocol_version")
            .raw('M', 0xe9, 0x03)
            .raw('u')
            .stop());
    return out.toByteArray();
  }

  /** A ZIP of one pickle and one storage of four float32. */
  static byte[] zipOf(byte[] pickle) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", pickle);
    entries.put("archive/data/0", bytes(new float[] {1, 2, 3, 4}));
    return zip(entries);
  }

  /** Entries that are not compressed. */
  public static byte[] zip(Map<String, byte[]> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> named : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(named.getKey());
        CRC32 checksum = new CRC32();
        checksum.update(named.getValue());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(named.getValue().length);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(named.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toByteArray();
  }

  private static void dict(PickleWriter pickle, Map<String, Values> tensors) {
    pickle.global("collections", "OrderedDict").raw(')', 'R', 'q', 0).mark();
    int key = 0;
    for (Map.Entry<String, Values> named : tensors.entrySet()) {
      pickle
          .text(named.getKey())
          .tensor(
              "FloatStorage",
              Integer.toString(key++),
              named.getValue().values().length,
              named.getValue().shape());
    }
    pickle.raw('u');
    // A state_dict has attributes beside its items.
    pickle.raw('}').text("_metadata").global("collections", "OrderedDict").raw(')', 'R', 's', 'b');
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }
}
