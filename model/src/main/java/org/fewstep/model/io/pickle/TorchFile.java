package org.fewstep.model.io.pickle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Elements;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.RegularFiles;
import org.fewstep.model.io.ZipArchive;

/**
 * A file that {@code torch.save} or {@code torch.jit.save} wrote, for reading: a ZIP with a pickle
 * {@code data.pkl} and each storage as an entry {@code data/KEY}, or, before PyTorch 1.6, pickles
 * and storages one after another. Nothing is executed. The pickle is read when the file is opened,
 * tensors when they are asked for.
 */
public final class TorchFile implements AutoCloseable {
  private static final String PICKLE = "data.pkl";
  private static final int MAX_DEPTH = 32;
  private static final int MAX_VISITS = 1_000_000;
  private static final int MAX_NAME = 1000;

  /** Bytes of a safetensors file that tell it apart: the length of its header, and a brace. */
  private static final int SAFETENSORS_START = Long.BYTES + 1;

  private static final int HIGHEST_PROTOCOL = 5;

  private final Path file;
  private final Object root;
  private final StorageBytes bytes;
  private final AutoCloseable resource;

  private TorchFile(Path file, Object root, StorageBytes bytes, AutoCloseable resource) {
    this.file = file;
    this.root = root;
    this.bytes = bytes;
    this.resource = resource;
  }

  /** Whether a file starts as one of these does. */
  public static boolean recognises(Path file) {
    RegularFiles.check(file);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(SAFETENSORS_START);
      return start.length >= 2
          && !startsAsSafetensors(start, Files.size(file))
          && (start[0] == 'P' && start[1] == 'K'
              || start[0] == (byte) 0x80 && start[1] >= 0 && start[1] <= HIGHEST_PROTOCOL);
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  /** The length of a header may begin with any two bytes, those of a ZIP or a pickle too. */
  private static boolean startsAsSafetensors(byte[] start, long fileBytes) {
    if (start.length < SAFETENSORS_START || start[Long.BYTES] != '{') {
      return false;
    }
    long header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return header > 0 && header <= fileBytes - Long.BYTES;
  }

  /** Opens a file of tensors; the caller closes it. */
  public static TorchFile open(Path file) {
    return open(file, TorchWords.VOCABULARY);
  }

  /**
   * Opens a file; the caller closes it.
   *
   * @param vocabulary what its pickle may ask for
   * @throws UserException in one sentence, if it is damaged or asks for anything else
   */
  public static TorchFile open(Path file, Vocabulary vocabulary) {
    return open(file, vocabulary, false, Integer.MAX_VALUE);
  }

  /**
   * Opens a file that may hold whole modules, the official pickles of IMM and EDM among them, as
   * {@code torch.save} or {@code pickle.dump} wrote it; the caller closes it.
   *
   * @throws UserException in one sentence, if it is damaged or asks for anything else
   */
  public static TorchFile openModules(Path file) {
    return openModules(file, Integer.MAX_VALUE);
  }

  /**
   * As {@link #openModules(Path)}.
   *
   * @param windowBytes of the file that are mapped at once; values are not cut
   */
  static TorchFile openModules(Path file, int windowBytes) {
    return open(file, ModuleWords.vocabulary(file.toString()), true, windowBytes);
  }

  private static TorchFile open(
      Path file, Vocabulary vocabulary, boolean plainPickles, int windowBytes) {
    RegularFiles.check(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer start = ByteBuffer.allocate(2);
      channel.read(start, 0);
      if (start.get(0) == 'P' && start.get(1) == 'K') {
        return openZip(file, vocabulary, channel.size());
      }
      PickleReader.Windows windows = windows(file, channel, windowBytes);
      if (plainPickles && !LegacyStream.starts(windows.from(0, 0))) {
        return openPickle(file, vocabulary, windows);
      }
      return openLegacy(file, vocabulary, map(file, channel));
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  /** What the pickle holds. */
  public Object root() {
    return root;
  }

  /**
   * All tensors in the pickle, in its order, under the keys and attributes that lead to them, with
   * dots between; those of a {@code state_dict} if there is one.
   *
   * @throws UserException if it is nested beyond reason
   */
  public Map<String, TorchTensor> tensors() {
    Object start = root;
    if (root instanceof Map<?, ?> map && map.get("state_dict") instanceof Map<?, ?> inner) {
      start = inner;
    }
    Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    new Walk(tensors).visit(start, "", 0);
    return tensors;
  }

  private final class Walk {
    private final Map<String, TorchTensor> tensors;
    private int visits;

    Walk(Map<String, TorchTensor> tensors) {
      this.tensors = tensors;
    }

    void visit(Object value, String name, int depth) {
      if (++visits > MAX_VISITS || depth > MAX_DEPTH || name.length() > MAX_NAME) {
        throw new UserException(
            "%s is nested beyond reason; it is no file of weights".formatted(file));
      }
      if (value instanceof TorchTensor tensor) {
        tensors.put(name, tensor);
      } else if (value instanceof PyObject object) {
        visit(object.state(), name, depth + 1);
      } else if (value instanceof Map<?, ?> map) {
        map.forEach(
            (key, item) -> visit(item, name.isEmpty() ? "" + key : name + "." + key, depth + 1));
      }
    }
  }

  /**
   * The elements of a tensor, row-major, as float32.
   *
   * @throws UserException if the file does not hold them, or more of them than are read at once
   */
  public float[] floats(TorchTensor tensor) {
    long elements = tensor.elements();
    if (elements == 0) {
      return new float[0];
    }
    // The file is asked first, and memory for what it was found to hold: claims cost nothing.
    if (tensor.isContiguous()) {
      return read(tensor.storage(), tensor.offset(), elements);
    }
    float[] whole = read(tensor.storage(), 0, tensor.storage().count());
    int count = Math.toIntExact(elements); // as many as the storage has, at most
    float[] values = new float[count];
    long[] index = new long[tensor.shape().length];
    for (int i = 0; i < count; i++) {
      long position = tensor.offset();
      for (int axis = 0; axis < index.length; axis++) {
        position += index[axis] * tensor.strides()[axis];
      }
      values[i] = whole[Math.toIntExact(position)];
      for (int axis = index.length - 1;
          axis >= 0 && ++index[axis] == tensor.shape()[axis];
          axis--) {
        index[axis] = 0;
      }
    }
    return values;
  }

  /** So many elements of a storage from one on. */
  private float[] read(TorchTensor.Storage storage, long from, long count) {
    int width = storage.dtype().bytes();
    if (count > Integer.MAX_VALUE / width) {
      throw new UserException(
          "%s claims a storage %s of more than 2 GiB, the most that is read at once"
              .formatted(file, storage.key()));
    }
    int length = (int) count * width;
    ByteBuffer inside = storage.content();
    ByteBuffer content =
        inside != null
            ? part(inside, from * width, length)
            : bytes.read(storage, from * width, length);
    float[] values = new float[(int) count];
    Elements.toFloats(storage.dtype(), content, values, 0, values.length);
    return values;
  }

  @Override
  public void close() {
    try {
      resource.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  // --- ZIP ---

  private static TorchFile openZip(Path file, Vocabulary vocabulary, long fileBytes) {
    ZipArchive zip = ZipArchive.open(file);
    try {
      String pickle = pickleName(file, zip.names());
      String folder = pickle.substring(0, pickle.length() - PICKLE.length());
      checkByteOrder(file, zip, folder);
      ByteBuffer program = ByteBuffer.wrap(stored(file, zip, pickle, fileBytes));
      Object root =
          PickleReader.read(
              program,
              "%s (entry %s)".formatted(file, pickle),
              vocabulary,
              TorchWords.storages(new Storages()::register),
              fileBytes);
      StorageBytes bytes =
          (storage, offset, length) ->
              ByteBuffer.wrap(storage(file, zip, folder, storage, fileBytes))
                  .slice(Math.toIntExact(offset), length)
                  .order(ByteOrder.LITTLE_ENDIAN);
      return new TorchFile(file, root, bytes, zip);
    } catch (RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static String pickleName(Path file, List<String> names) {
    List<String> pickles =
        names.stream()
            .filter(name -> name.equals(PICKLE) || name.matches("[^/]+/" + PICKLE))
            .toList();
    if (pickles.size() != 1) {
      throw new UserException(
          "%s is a ZIP file but none of PyTorch's: it has %s entry data.pkl"
              .formatted(file, pickles.isEmpty() ? "no" : "more than one"));
    }
    return pickles.get(0);
  }

  private static void checkByteOrder(Path file, ZipArchive zip, String folder) {
    String entry = folder + "byteorder";
    if (zip.names().contains(entry)
        && !zip.read(entry, (in, where) -> new String(in.readNBytes(6), StandardCharsets.US_ASCII))
            .equals("little")) {
      throw new UserException("%s was written on a big-endian machine".formatted(file));
    }
  }

  private static byte[] storage(
      Path file, ZipArchive zip, String folder, TorchTensor.Storage storage, long fileBytes) {
    String entry = folder + "data/" + storage.key();
    if (!zip.names().contains(entry)) {
      throw new UserException(
          "%s lacks the entry %s, which its pickle refers to; fetch it again"
              .formatted(file, entry));
    }
    byte[] content = stored(file, zip, entry, fileBytes);
    if (content.length / storage.dtype().bytes() < storage.count()) {
      throw new UserException(
          "%s (entry %s) has %d bytes for %d elements; fetch it again"
              .formatted(file, entry, content.length, storage.count()));
    }
    return content;
  }

  /** An entry's content, which PyTorch never compresses, so that it is no larger than the file. */
  private static byte[] stored(Path file, ZipArchive zip, String entry, long fileBytes) {
    long size = zip.storedSize(entry);
    if (size < 0 || size > fileBytes || size > Integer.MAX_VALUE - 8) {
      throw new UserException(
          "%s (entry %s) is compressed, which PyTorch's files never are, or lies about its size"
              .formatted(file, entry));
    }
    return zip.read(entry, (in, where) -> in.readNBytes((int) size));
  }

  // --- before PyTorch 1.6 ---

  private static ByteBuffer map(Path file, FileChannel channel) throws IOException {
    if (channel.size() > Integer.MAX_VALUE) {
      throw new UserException(
          "%s is larger than 2 GiB; save its state_dict by PyTorch 1.6 or later, or as safetensors"
              .formatted(file));
    }
    return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
  }

  /** A file in pieces, each mapped when it is needed; a piece lives as long as what it holds. */
  private static PickleReader.Windows windows(Path file, FileChannel channel, int windowBytes)
      throws IOException {
    long size = channel.size();
    return new PickleReader.Windows() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public ByteBuffer from(long position, int atLeast) {
        long bytes = Math.min(size - position, Math.max(windowBytes, atLeast));
        try {
          return channel.map(FileChannel.MapMode.READ_ONLY, position, bytes);
        } catch (IOException e) {
          throw IoFailures.cannotRead(file, e);
        }
      }
    };
  }

  private static TorchFile openLegacy(Path file, Vocabulary vocabulary, ByteBuffer in) {
    LegacyStream stream = LegacyStream.read(in, file.toString(), vocabulary, in.remaining());
    StorageBytes bytes =
        (storage, offset, length) -> {
          ByteBuffer elements = stream.content().get(storage.key());
          if (elements == null) {
            throw new UserException(
                "%s lacks the elements of storage %s".formatted(file, storage.key()));
          }
          return part(elements, offset, length);
        };
    return new TorchFile(file, stream.root(), bytes, () -> {});
  }

  // --- pickle.dump ---

  private static TorchFile openPickle(
      Path file, Vocabulary vocabulary, PickleReader.Windows windows) {
    Object root = PickleReader.read(windows, file.toString(), vocabulary);
    return new TorchFile(
        file,
        root,
        (storage, offset, length) -> {
          throw new IllegalStateException("a storage of " + file + " has no elements");
        },
        () -> {});
  }

  private static ByteBuffer part(ByteBuffer elements, long offset, int length) {
    return elements.slice(Math.toIntExact(offset), length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
