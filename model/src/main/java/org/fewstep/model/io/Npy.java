package org.fewstep.model.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.fewstep.config.UserException;

/**
 * NumPy's .npy format (numpy.lib.format): magic, version, a Python dictionary with the type, the
 * order and the shape, then the raw elements. Reads versions 1 to 3 of float32, float64, int32,
 * int64 and uint8 in either byte order and either axis order; writes version 1.0, little-endian, C
 * order.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;
  private static final int MAX_HEADER_BYTES = 1 << 16;
  private static final int MAX_DIMENSIONS = 32;
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([<>|=]?)([a-zA-Z]\\d+)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,L]*)\\)");

  private Npy() {}

  /** What stands before the elements. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Header(DType dtype, ByteOrder order, boolean fortran, long[] shape) {}

  /**
   * Reads one array and nothing after it.
   *
   * @param where names the source in messages
   * @throws UserException if the content is damaged or of a type not listed above
   */
  public static Tensor read(InputStream in, String where) throws IOException {
    Header header = header(in, where);
    DType dtype = header.dtype();
    long[] shape = header.shape();
    int bytes = bytes(shape, dtype, where);

    if (!header.fortran()) {
      return Tensor.decode(
          dtype, ByteBuffer.wrap(exactly(in, bytes, where)).order(header.order()), shape);
    }
    byte[] rowMajor = toRowMajor(exactly(in, bytes, where), dtype.bytes(), shape);
    return Tensor.decode(dtype, ByteBuffer.wrap(rowMajor).order(header.order()), shape);
  }

  /** The shape of an array, from its first bytes. */
  static long[] shape(InputStream in, String where) throws IOException {
    return header(in, where).shape();
  }

  private static Header header(InputStream in, String where) throws IOException {
    byte[] start = exactly(in, MAGIC.length + 2, where);
    if (!Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw damaged(where, "it does not start as a .npy file does");
    }
    int version = start[MAGIC.length];
    if (version < 1 || version > 3) {
      throw damaged(where, "its format version is %d".formatted(version));
    }
    ByteBuffer length =
        ByteBuffer.wrap(exactly(in, version == 1 ? Short.BYTES : Integer.BYTES, where))
            .order(ByteOrder.LITTLE_ENDIAN);
    int headerBytes = version == 1 ? length.getShort() & 0xFFFF : length.getInt();
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw damaged(where, "its header claims %d bytes".formatted(headerBytes));
    }
    String header = new String(exactly(in, headerBytes, where), StandardCharsets.UTF_8);

    Matcher type = find(TYPE, header, where);
    DType dtype =
        switch (type.group(2)) {
          case "f4" -> DType.F32;
          case "f8" -> DType.F64;
          case "i4" -> DType.I32;
          case "i8" -> DType.I64;
          case "u1" -> DType.U8;
          default ->
              throw damaged(
                  where,
                  "element type '%s' is not supported (float32, float64, int32, int64, uint8 are)"
                      .formatted(type.group(2)));
        };
    ByteOrder order = type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    boolean fortran = find(ORDER, header, where).group(1).equals("True");
    long[] shape = shape(find(SHAPE, header, where).group(1), where);
    return new Header(dtype, order, fortran, shape);
  }

  /** Writes one array; F16, BF16 and the small integers do not occur in a {@link Tensor}. */
  public static void write(OutputStream out, Tensor tensor) throws IOException {
    String type =
        switch (tensor.dtype()) {
          case F32 -> "<f4";
          case F64 -> "<f8";
          case I32 -> "<i4";
          case I64 -> "<i8";
          case U8 -> "|u1";
          case F16, BF16, I16, I8, BOOL ->
              throw new IllegalArgumentException("no .npy form of " + tensor.dtype());
        };
    // Python's tuple of one element needs its comma.
    String shape =
        Arrays.stream(tensor.shape()).mapToObj(n -> n + ",").collect(Collectors.joining(" "));
    String dictionary =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape);
    int preamble = MAGIC.length + 2 + Short.BYTES;
    int unpadded = preamble + dictionary.length() + 1;
    int padding = (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
    ByteBuffer header = ByteBuffer.allocate(unpadded + padding).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).put((byte) 1).put((byte) 0);
    header.putShort((short) (header.capacity() - preamble));
    header.put(dictionary.getBytes(StandardCharsets.US_ASCII));
    header.put(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII)).put((byte) '\n');
    out.write(header.array());
    tensor.writeTo(out);
  }

  private static Matcher find(Pattern pattern, String header, String where) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw damaged(where, "its header is not understood: %s".formatted(header.strip()));
    }
    return matcher;
  }

  private static long[] shape(String tuple, String where) {
    try {
      long[] shape =
          Arrays.stream(tuple.replace("L", "").split(","))
              .map(String::strip)
              .filter(extent -> !extent.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      if (shape.length <= MAX_DIMENSIONS) {
        return shape;
      }
    } catch (NumberFormatException e) {
      // Reported below, with the shapes that have too many axes.
    }
    throw damaged(where, "its shape (%s) is impossible".formatted(tuple));
  }

  private static int bytes(long[] shape, DType dtype, String where) {
    try {
      return Math.toIntExact(Math.multiplyExact(Tensor.elements(shape), dtype.bytes()));
    } catch (ArithmeticException e) {
      throw damaged(where, "an array of shape %s is too large".formatted(Arrays.toString(shape)));
    }
  }

  /** Moves elements from first-axis-fastest order to last-axis-fastest. */
  private static byte[] toRowMajor(byte[] columnMajor, int width, long[] shape) {
    byte[] result = new byte[columnMajor.length];
    int[] index = new int[shape.length];
    for (int to = 0; to < result.length; to += width) {
      long from = 0;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        from = from * shape[axis] + index[axis];
      }
      System.arraycopy(columnMajor, (int) from * width, result, to, width);
      for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
        index[axis] = 0;
      }
    }
    return result;
  }

  /** Allocates as the bytes come, not as a header claims. */
  private static byte[] exactly(InputStream in, int bytes, String where) throws IOException {
    byte[] read = in.readNBytes(bytes);
    if (read.length < bytes) {
      throw damaged(where, "it ends too early");
    }
    return read;
  }

  private static UserException damaged(String where, String what) {
    return new UserException("%s is not a usable .npy array: %s".formatted(where, what));
  }
}
