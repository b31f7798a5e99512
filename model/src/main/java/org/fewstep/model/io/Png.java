package org.fewstep.model.io;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.fewstep.config.UserException;

/**
 * PNG images as bytes, one number from 0 to 255 per channel, row and column.
 *
 * <p>Decoding is the JDK's, after a walk over the chunks: the JDK neither checks their checksums
 * nor always notices that some are missing. Samples are taken as they are stored, without the
 * colour management that would change grey values. Encoding is our own because the JDK's offers no
 * choice of row filters, and for thousands of tiny images that choice is a good part of the size.
 */
public final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int CHUNK_OVERHEAD = 12;
  private static final int HEADER_BYTES = 13;
  private static final int MAX_PIXELS = 1 << 28;
  private static final int FILTERS = 5;

  /** Deflate shrinks at most 1032-fold, and a byte holds eight pixels of one bit. */
  private static final long MAX_PIXELS_PER_BYTE = 8 * 1032;

  private Png() {}

  /** Pixels of an image, channel by channel, each row-major (CHW). */
  @SuppressWarnings("ArrayRecordComponent") // a carrier between a decoder and its only reader
  public record Pixels(int channels, int height, int width, byte[] values) {
    public Pixels {
      if (values.length != channels * height * width) {
        throw new IllegalArgumentException(
            "%d values for %dx%dx%d".formatted(values.length, channels, height, width));
      }
    }
  }

  private record Header(int width, int height, int depth, int colourType) {
    int channels() {
      return colourType == 0 || colourType == 4 ? 1 : 3;
    }
  }

  /**
   * Decodes grey (1 channel) and colour or palette images (3 channels). An alpha channel is dropped
   * when nothing is transparent.
   *
   * @param where names the image in messages
   * @throws UserException if the image is damaged, has 16 bits per sample, or is transparent
   */
  public static Pixels decode(byte[] png, String where) {
    Header header = checkChunks(png, where);
    if (header.depth() > 8) {
      throw new UserException(
          "%s has %d bits per channel; convert it to 8".formatted(where, header.depth()));
    }
    BufferedImage image = readImage(png, where);
    if (image.getWidth() != header.width() || image.getHeight() != header.height()) {
      throw damaged(where, "its sizes contradict each other");
    }
    int plane = header.width() * header.height();
    byte[] values = new byte[header.channels() * plane];
    if (image.getColorModel() instanceof IndexColorModel palette) {
      fromPalette(image.getRaster(), palette, header, values, where);
    } else {
      fromSamples(image, header, values, where);
    }
    return new Pixels(header.channels(), header.height(), header.width(), values);
  }

  /** Whether bytes start as those of a PNG do. */
  static boolean is(byte[] file) {
    return file.length >= SIGNATURE.length
        && Arrays.equals(file, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
  }

  /**
   * Walks over all chunks.
   *
   * @return whether the image is stored in shades of grey
   * @throws UserException if one is damaged or missing
   */
  static boolean checkWhole(byte[] png, String where) {
    return checkChunks(png, where).channels() == 1;
  }

  /** Encodes 1 or 3 channels of 8 bits, with one choice of row filters that usually does well. */
  public static byte[] encode(Pixels pixels) {
    return file(pixels, deflate(filtered(pixels, FILTERS), Deflater.DEFAULT_STRATEGY));
  }

  /** Encodes like {@link #encode}, but tries several ways and keeps the shortest. */
  public static byte[] encodeSmallest(Pixels pixels) {
    byte[] smallest = deflate(filtered(pixels, FILTERS), Deflater.DEFAULT_STRATEGY);
    for (int filter = 0; filter <= FILTERS; filter++) {
      byte[] scanlines = filtered(pixels, filter);
      for (int strategy : new int[] {Deflater.DEFAULT_STRATEGY, Deflater.FILTERED}) {
        byte[] candidate = deflate(scanlines, strategy);
        if (candidate.length < smallest.length) {
          smallest = candidate;
        }
      }
    }
    return file(pixels, smallest);
  }

  private static Header checkChunks(byte[] png, String where) {
    if (!is(png)) {
      throw damaged(where, "it does not start as a PNG file does");
    }
    ByteBuffer in = ByteBuffer.wrap(png, SIGNATURE.length, png.length - SIGNATURE.length);
    Header header = null;
    while (true) {
      if (in.remaining() < CHUNK_OVERHEAD) {
        throw damaged(where, "it ends too early");
      }
      int length = in.getInt();
      if (length < 0 || length > in.remaining() - Integer.BYTES * 2) {
        throw damaged(where, "it ends too early");
      }
      int start = in.position();
      String type = new String(png, start, Integer.BYTES, StandardCharsets.ISO_8859_1);
      CRC32 checksum = new CRC32();
      checksum.update(png, start, Integer.BYTES + length);
      in.position(start + Integer.BYTES + length);
      if (in.getInt() != (int) checksum.getValue()) {
        throw damaged(where, "the checksum of its chunk %s does not match".formatted(type));
      }
      if (header == null) {
        if (!type.equals("IHDR") || length != HEADER_BYTES) {
          throw damaged(where, "it has no header");
        }
        header = header(ByteBuffer.wrap(png, start + Integer.BYTES, HEADER_BYTES), png, where);
      }
      if (type.equals("IEND")) {
        return header;
      }
    }
  }

  private static Header header(ByteBuffer in, byte[] png, String where) {
    Header header = new Header(in.getInt(), in.getInt(), in.get(), in.get());
    long pixels = (long) header.width() * header.height();
    if (header.width() < 1
        || header.height() < 1
        || pixels > Math.min(MAX_PIXELS, MAX_PIXELS_PER_BYTE * png.length)) {
      throw damaged(where, "its size is %d x %d pixels".formatted(header.width(), header.height()));
    }
    return header;
  }

  private static BufferedImage readImage(byte[] png, String where) {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try {
      reader.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(png)), true, true);
      return reader.read(0);
    } catch (IOException | RuntimeException e) {
      // The decoder answers some damage with index or argument exceptions.
      throw new UserException(
          "%s is not a usable PNG image: %s".formatted(where, e.getMessage()), e);
    } finally {
      reader.dispose();
    }
  }

  private static void fromPalette(
      Raster raster, IndexColorModel palette, Header header, byte[] values, String where) {
    int plane = header.width() * header.height();
    for (int i = 0; i < plane; i++) {
      int entry = raster.getSample(i % header.width(), i / header.width(), 0);
      if (entry >= palette.getMapSize()) {
        throw damaged(where, "it uses a colour that its palette lacks");
      }
      int argb = palette.getRGB(entry);
      checkOpaque(argb >>> 24, where);
      for (int c = 0; c < header.channels(); c++) {
        values[c * plane + i] = (byte) (argb >>> (16 - 8 * c));
      }
    }
  }

  private static void fromSamples(BufferedImage image, Header header, byte[] values, String where) {
    Raster raster = image.getRaster();
    int plane = header.width() * header.height();
    int[] samples = new int[plane];
    for (int c = 0; c < header.channels(); c++) {
      raster.getSamples(0, 0, header.width(), header.height(), c, samples);
      for (int i = 0; i < plane; i++) {
        values[c * plane + i] = (byte) samples[i];
      }
    }
    if (image.getColorModel().hasAlpha()) {
      raster.getSamples(0, 0, header.width(), header.height(), header.channels(), samples);
      for (int alpha : samples) {
        checkOpaque(alpha, where);
      }
    }
  }

  private static void checkOpaque(int alpha, String where) {
    if (alpha != 0xFF) {
      throw new UserException(
          "%s has transparent pixels; put it on a background first".formatted(where));
    }
  }

  /** Scanlines with one filter (0 to 4), or with the best guess for each (5). */
  private static byte[] filtered(Pixels pixels, int choice) {
    int stride = pixels.channels() * pixels.width();
    byte[] out = new byte[(stride + 1) * pixels.height()];
    byte[] above = new byte[stride];
    byte[] row = new byte[stride];
    byte[] candidate = new byte[stride];
    for (int y = 0; y < pixels.height(); y++) {
      interleave(pixels, y, row);
      long best = Long.MAX_VALUE;
      for (int filter = choice % FILTERS; filter < FILTERS; filter++) {
        long cost = filter(filter, row, above, pixels.channels(), candidate);
        if (cost < best) {
          best = cost;
          out[y * (stride + 1)] = (byte) filter;
          System.arraycopy(candidate, 0, out, y * (stride + 1) + 1, stride);
        }
        if (choice < FILTERS) {
          break;
        }
      }
      byte[] spare = above;
      above = row;
      row = spare;
    }
    return out;
  }

  private static void interleave(Pixels pixels, int y, byte[] row) {
    int channels = pixels.channels();
    int plane = pixels.height() * pixels.width();
    for (int i = 0; i < row.length; i++) {
      row[i] = pixels.values()[i % channels * plane + y * pixels.width() + i / channels];
    }
  }

  /**
   * Applies a filter of the PNG specification (9.2): 0 none, 1 sub, 2 up, 3 average, 4 Paeth.
   *
   * @return the sum of absolute differences, small when the row should compress well
   */
  private static long filter(int filter, byte[] row, byte[] above, int channels, byte[] out) {
    long cost = 0;
    for (int i = 0; i < row.length; i++) {
      int left = i < channels ? 0 : row[i - channels] & 0xFF;
      int up = above[i] & 0xFF;
      int upLeft = i < channels ? 0 : above[i - channels] & 0xFF;
      int prediction =
          switch (filter) {
            case 0 -> 0;
            case 1 -> left;
            case 2 -> up;
            case 3 -> (left + up) / 2;
            case 4 -> paeth(left, up, upLeft);
            default -> throw new IllegalArgumentException("no filter " + filter);
          };
      out[i] = (byte) (row[i] - prediction);
      cost += Math.abs((int) out[i]);
    }
    return cost;
  }

  private static int paeth(int left, int up, int upLeft) {
    int estimate = left + up - upLeft;
    int toLeft = Math.abs(estimate - left);
    int toUp = Math.abs(estimate - up);
    int toUpLeft = Math.abs(estimate - upLeft);
    if (toLeft <= toUp && toLeft <= toUpLeft) {
      return left;
    }
    return toUp <= toUpLeft ? up : upLeft;
  }

  private static byte[] deflate(byte[] scanlines, int strategy) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    deflater.setStrategy(strategy);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
      out.write(scanlines);
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot refuse a write", e);
    } finally {
      deflater.end();
    }
    return bytes.toByteArray();
  }

  private static byte[] file(Pixels pixels, byte[] compressed) {
    int colourType =
        switch (pixels.channels()) {
          case 1 -> 0;
          case 3 -> 2;
          default ->
              throw new IllegalArgumentException(
                  "a PNG has 1 or 3 channels, not " + pixels.channels());
        };
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putInt(pixels.width()).putInt(pixels.height()).put((byte) 8).put((byte) colourType);
    ByteBuffer out =
        ByteBuffer.allocate(
            SIGNATURE.length + 3 * CHUNK_OVERHEAD + HEADER_BYTES + compressed.length);
    out.put(SIGNATURE);
    chunk(out, "IHDR", header.array());
    chunk(out, "IDAT", compressed);
    chunk(out, "IEND", new byte[0]);
    return out.array();
  }

  private static void chunk(ByteBuffer out, String type, byte[] content) {
    byte[] checked =
        ByteBuffer.allocate(Integer.BYTES + content.length)
            .put(type.getBytes(StandardCharsets.ISO_8859_1))
            .put(content)
            .array();
    CRC32 checksum = new CRC32();
    checksum.update(checked);
    out.putInt(content.length).put(checked).putInt((int) checksum.getValue());
  }

  private static UserException damaged(String where, String what) {
    return new UserException("%s is not a usable PNG image: %s".formatted(where, what));
  }
}
