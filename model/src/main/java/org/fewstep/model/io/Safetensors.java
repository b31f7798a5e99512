package org.fewstep.model.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.fewstep.config.UserException;

/**
 * The safetensors format (https://github.com/huggingface/safetensors): 8 bytes little-endian header
 * length, a JSON header {@code {"__metadata__": {..}, NAME: {"dtype", "shape", "data_offsets"}}},
 * then the tensors, raw, little-endian, row-major, without gap or overlap.
 *
 * <p>A file from a stranger is checked as a whole when it is opened (every length, offset and shape
 * against the size of the file), so that reading a tensor afterwards allocates no more than the
 * file holds. Tensors are read when asked for. One instance may be read by several threads.
 */
public final class Safetensors implements AutoCloseable {
  /** The limit that the reference implementation sets. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int CHUNK_BYTES = 1 << 20;
  private static final String METADATA = "__metadata__";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  @SuppressWarnings("ArrayRecordComponent") // never compared, never handed out
  private record Entry(String name, DType dtype, long[] shape, long begin, long end) {}

  private final Path file;
  private final FileChannel channel;
  private final long dataStart;
  private final Map<String, String> metadata;
  private final Map<String, Entry> entries;

  private Safetensors(
      Path file,
      FileChannel channel,
      long dataStart,
      Map<String, String> metadata,
      Map<String, Entry> entries) {
    this.file = file;
    this.channel = channel;
    this.dataStart = dataStart;
    this.metadata = Collections.unmodifiableMap(metadata);
    this.entries = Collections.unmodifiableMap(entries);
  }

  /**
   * Opens and checks a file; the caller closes it.
   *
   * @throws UserException if it cannot be read or is not what the format says
   */
  public static Safetensors open(Path file) {
    RegularFiles.check(file);
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        return readHeader(file, channel);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  /** The header's {@code __metadata__}; empty if there is none. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The tensors' names, in the header's order. */
  public Set<String> names() {
    return entries.keySet();
  }

  public long[] shape(String name) {
    return entry(name).shape().clone();
  }

  public DType dtype(String name) {
    return entry(name).dtype();
  }

  /** A tensor converted to float (float64 is rounded). */
  public float[] floats(String name) {
    float[] result = new float[count(name)];
    readFloats(name, result, 0);
    return result;
  }

  /** A tensor converted to float, into {@code target} from {@code offset} on. */
  public void readFloats(String name, float[] target, int offset) {
    Entry entry = entry(name);
    chunks(
        entry,
        (from, elements, n) ->
            Elements.toFloats(entry.dtype(), elements, target, offset + from, n));
  }

  /** A tensor converted to double. */
  public double[] doubles(String name) {
    Entry entry = entry(name);
    double[] result = new double[count(name)];
    chunks(
        entry, (from, elements, n) -> Elements.toDoubles(entry.dtype(), elements, result, from, n));
    return result;
  }

  /** A tensor of integers. */
  public long[] longs(String name) {
    Entry entry = entry(name);
    if (!entry.dtype().isInteger()) {
      throw damaged(file, "tensor '%s' is %s, not integers".formatted(name, entry.dtype()));
    }
    long[] result = new long[count(name)];
    chunks(
        entry, (from, elements, n) -> Elements.toLongs(entry.dtype(), elements, result, from, n));
    return result;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  /**
   * Writes tensors aside and renames. The header is padded to a multiple of 8 bytes and wider types
   * come first, so that every tensor is aligned; otherwise the order is the map's.
   *
   * @throws UserException if the disk refuses
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
    ordered.sort(
        Comparator.comparingInt((Map.Entry<String, Tensor> e) -> -e.getValue().dtype().bytes()));
    byte[] header = header(ordered, metadata);
    AtomicFiles.write(
        file,
        out -> {
          out.write(
              ByteBuffer.allocate(Long.BYTES)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .putLong(header.length)
                  .array());
          out.write(header);
          for (Map.Entry<String, Tensor> tensor : ordered) {
            tensor.getValue().writeTo(out);
          }
        });
  }

  private static byte[] header(
      List<Map.Entry<String, Tensor>> tensors, Map<String, String> metadata) {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode strings = root.putObject(METADATA);
      metadata.forEach(strings::put);
    }
    long position = 0;
    for (Map.Entry<String, Tensor> named : tensors) {
      if (named.getKey().equals(METADATA)) {
        throw new IllegalArgumentException("no tensor may be called " + METADATA);
      }
      Tensor tensor = named.getValue();
      ObjectNode node = root.putObject(named.getKey());
      node.put("dtype", tensor.dtype().name());
      Arrays.stream(tensor.shape()).forEach(node.putArray("shape")::add);
      long end = position + (long) tensor.count() * tensor.dtype().bytes();
      node.putArray("data_offsets").add(position).add(end);
      position = end;
    }
    try {
      byte[] json = JSON.writeValueAsBytes(root);
      byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
      Arrays.fill(padded, json.length, padded.length, (byte) ' ');
      return padded;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
    }
  }

  private static Safetensors readHeader(Path file, FileChannel channel) throws IOException {
    long fileBytes = channel.size();
    if (fileBytes < Long.BYTES) {
      throw damaged(file, "it has only %d bytes".formatted(fileBytes));
    }
    long headerBytes = read(file, channel, 0, Long.BYTES).getLong();
    if (headerBytes < 2 || headerBytes > Math.min(MAX_HEADER_BYTES, fileBytes - Long.BYTES)) {
      throw damaged(
          file,
          "its header claims %s bytes, the file has %d"
              .formatted(Long.toUnsignedString(headerBytes), fileBytes));
    }
    JsonNode root;
    try {
      root = JSON.readTree(read(file, channel, Long.BYTES, (int) headerBytes).array());
    } catch (JsonProcessingException e) {
      throw damaged(file, "its header is not JSON (%s)".formatted(e.getOriginalMessage()));
    }
    if (!root.isObject()) {
      throw damaged(file, "its header is not a JSON object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals(METADATA)) {
        readMetadata(file, field.getValue(), metadata);
      } else {
        entries.put(field.getKey(), entry(file, field.getKey(), field.getValue()));
      }
    }
    long dataStart = Long.BYTES + headerBytes;
    checkCover(file, entries, fileBytes - dataStart);
    return new Safetensors(file, channel, dataStart, metadata, entries);
  }

  private static void readMetadata(Path file, JsonNode node, Map<String, String> metadata) {
    if (!node.isObject()) {
      throw damaged(file, "its metadata is not a JSON object");
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw damaged(file, "its metadata '%s' is not a string".formatted(field.getKey()));
      }
      metadata.put(field.getKey(), field.getValue().textValue());
    }
  }

  private static Entry entry(Path file, String name, JsonNode node) {
    DType dtype =
        Arrays.stream(DType.values())
            .filter(d -> d.name().equals(node.path("dtype").textValue()))
            .findFirst()
            .orElseThrow(
                () ->
                    damaged(
                        file,
                        "tensor '%s' has the unknown type %s".formatted(name, node.path("dtype"))));
    long[] shape = numbers(file, name, node.path("shape"), "shape");
    long[] offsets = numbers(file, name, node.path("data_offsets"), "data_offsets");
    if (offsets.length != 2) {
      throw damaged(file, "tensor '%s' needs two data_offsets".formatted(name));
    }
    long bytes;
    try {
      bytes = Math.multiplyExact(Tensor.elements(shape), dtype.bytes());
    } catch (ArithmeticException e) {
      throw damaged(
          file, "tensor '%s' has the impossible shape %s".formatted(name, Arrays.toString(shape)));
    }
    if (offsets[1] - offsets[0] != bytes) {
      throw damaged(
          file,
          "tensor '%s' of shape %s and type %s needs %d bytes, its data_offsets are %s"
              .formatted(name, Arrays.toString(shape), dtype, bytes, Arrays.toString(offsets)));
    }
    return new Entry(name, dtype, shape, offsets[0], offsets[1]);
  }

  private static long[] numbers(Path file, String name, JsonNode node, String key) {
    long[] numbers = new long[node.size()];
    boolean valid = node.isArray();
    for (int i = 0; valid && i < numbers.length; i++) {
      JsonNode number = node.get(i);
      valid = number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0;
      numbers[i] = number.longValue();
    }
    if (!valid) {
      throw damaged(
          file, "tensor '%s' needs a list of whole numbers as its %s".formatted(name, key));
    }
    return numbers;
  }

  /** The tensors must fill the data exactly: a gap could hide something, an overlap is a lie. */
  private static void checkCover(Path file, Map<String, Entry> entries, long dataBytes) {
    List<Entry> ordered = new ArrayList<>(entries.values());
    ordered.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long position = 0;
    for (Entry entry : ordered) {
      if (entry.begin() != position || entry.end() > dataBytes) {
        throw damaged(
            file,
            "tensor '%s' lies at bytes %d to %d, expected from %d on within %d bytes of data"
                .formatted(entry.name(), entry.begin(), entry.end(), position, dataBytes));
      }
      position = entry.end();
    }
    if (position != dataBytes) {
      throw damaged(file, "its tensors need %d bytes, it holds %d".formatted(position, dataBytes));
    }
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new UserException("%s holds no tensor named '%s'".formatted(file, name));
    }
    return entry;
  }

  private int count(String name) {
    long count = Tensor.elements(entry(name).shape());
    if (count > Integer.MAX_VALUE - 8) {
      throw damaged(file, "tensor '%s' has too many elements (%d)".formatted(name, count));
    }
    return (int) count;
  }

  private interface ChunkConsumer {
    void accept(int from, ByteBuffer elements, int count);
  }

  private void chunks(Entry entry, ChunkConsumer consumer) {
    int width = entry.dtype().bytes();
    int total = count(entry.name());
    int chunk = CHUNK_BYTES / width;
    try {
      // Steps end at the total: one beyond it may be more than an int holds.
      for (int from = 0, n; from < total; from += n) {
        n = Math.min(chunk, total - from);
        long position = dataStart + entry.begin() + (long) from * width;
        consumer.accept(from, read(file, channel, position, n * width), n);
      }
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private static ByteBuffer read(Path file, FileChannel channel, long position, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw damaged(file, "it became shorter while being read");
      }
    }
    return buffer.flip();
  }

  private static UserException damaged(Path file, String what) {
    return new UserException("%s is not a usable safetensors file: %s".formatted(file, what));
  }
}
