package org.fewstep.model.io.pickle;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.fewstep.config.UserException;

/**
 * What {@code torch.save} wrote before PyTorch 1.6, and still writes for a storage inside of a
 * pickle: pickles (magic number, version, machine, the object, the keys of its storages) and the
 * storages' elements, one after another.
 *
 * @param root what the object is
 * @param content elements by key, little-endian
 */
record LegacyStream(Object root, Map<String, ByteBuffer> content) {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long PROTOCOL = 1001;
  private static final byte[] START = {(byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46};

  /** Whether it starts with the magic number. */
  static boolean starts(ByteBuffer in) {
    int position = in.position();
    return in.remaining() > 2 + START.length
        && in.slice(position + 2, START.length).equals(ByteBuffer.wrap(START));
  }

  /**
   * Reads a stream.
   *
   * @param where names it in messages
   * @param vocabulary what its object may ask for
   * @param programBytes that its pickles may have together
   * @throws UserException in one sentence, if it is damaged or asks for anything else
   */
  static LegacyStream read(ByteBuffer in, String where, Vocabulary vocabulary, int programBytes) {
    Vocabulary plain = Vocabulary.builder().build();
    int end = in.limit();
    in.limit(in.position() + Math.min(programBytes, in.remaining()));
    if (!MAGIC.equals(next(in, where, plain))) {
      throw new UserException(
          "%s is a pickle, but none that torch.save wrote (its magic number is missing)"
              .formatted(where));
    }
    if (!Long.valueOf(PROTOCOL).equals(next(in, where, plain))) {
      throw new UserException("%s has an unknown version of PyTorch's old format".formatted(where));
    }
    if (next(in, where, plain) instanceof Map<?, ?> machine
        && Boolean.FALSE.equals(machine.get("little_endian"))) {
      throw new UserException("%s was written on a big-endian machine".formatted(where));
    }
    Storages storages = new Storages();
    Object root =
        PickleReader.read(
            in, where, vocabulary, TorchWords.storages(storages::register), in.capacity());
    if (!(next(in, where, plain) instanceof List<?> keys)) {
      throw new UserException("%s does not list its storages".formatted(where));
    }
    in.limit(end);
    Map<String, ByteBuffer> content = new HashMap<>();
    for (Object key : keys) {
      TorchTensor.Storage storage = key instanceof String s ? storages.find(s) : null;
      if (storage == null) {
        throw new UserException("%s holds a storage that no tensor refers to".formatted(where));
      }
      content.put(storage.key(), elements(where, in, storage));
    }
    return new LegacyStream(root, content);
  }

  private static Object next(ByteBuffer in, String where, Vocabulary vocabulary) {
    return PickleReader.read(in, where, vocabulary, PickleReader.noPersistentIds(), in.capacity());
  }

  private static ByteBuffer elements(String where, ByteBuffer in, TorchTensor.Storage storage) {
    in.order(ByteOrder.LITTLE_ENDIAN);
    long count = in.remaining() < Long.BYTES ? -1 : in.getLong();
    long length = storage.count() * storage.dtype().bytes();
    if (count != storage.count() || storage.count() > in.remaining() || length > in.remaining()) {
      throw new UserException(
          "%s ends too early, or lies about the size of storage %s; fetch it again"
              .formatted(where, storage.key()));
    }
    ByteBuffer elements = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + (int) length);
    return elements;
  }
}
