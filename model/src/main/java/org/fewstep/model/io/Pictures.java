package org.fewstep.model.io;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.event.IIOReadUpdateListener;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataFormatImpl;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Png.Pixels;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Pictures as people have them (PNG, JPEG, BMP, GIF), as bytes. Which of the four it is, the
 * content says and not the name.
 *
 * <ul>
 *   <li>Grey is what is stored as grey (PNG, JPEG); all else is colour, also a palette of greys.
 *   <li>Transparent pixels are laid on white.
 *   <li>More than 8 bits per channel are rounded to 8.
 *   <li>CMYK and colours of a JPEG's profile become sRGB.
 *   <li>A JPEG is turned upright by the orientation in its EXIF data.
 * </ul>
 *
 * <p>A picture with several frames is refused, and one that its decoder could only guess parts of.
 */
public final class Pictures {
  /** Endings of the names of pictures, in lower case. */
  public static final List<String> EXTENSIONS = List.of("png", "jpg", "jpeg", "bmp", "gif");

  private static final List<String> FORMATS = List.of("png", "jpeg", "bmp", "gif");
  private static final int MAX_PIXELS = 1 << 28;
  private static final int WHITE = 255;

  /** What decoders say when they go on with made-up pixels. */
  private static final Pattern DAMAGE =
      Pattern.compile("premature|corrupt|truncated|missing|unexpected", Pattern.CASE_INSENSITIVE);

  /** Bytes too many between two parts harm nothing, although they are called corrupt. */
  private static final Pattern EXTRANEOUS =
      Pattern.compile("extraneous bytes", Pattern.CASE_INSENSITIVE);

  /** What decoders say of parts beside the pixels, and of parameters that they know better. */
  private static final Pattern HARMLESS =
      Pattern.compile(
          "ignor(ed|ing)|JFIF|Exif|Adobe|colou?r profile|ICC|inaccurate CMYK"
              + "|Invalid SOS parameters|no DC tables",
          Pattern.CASE_INSENSITIVE);

  private Pictures() {}

  /**
   * Decodes a picture.
   *
   * @param where names it in messages
   * @return 1 channel if it is stored in shades of grey, otherwise 3
   * @throws UserException if it is damaged, of another kind, or has several frames
   */
  public static Pixels decode(byte[] file, String where) {
    boolean greyPng = Png.is(file) && Png.checkWhole(file, where);
    return with(
        file,
        where,
        reader -> {
          boolean grey = greyPng || isGreyJpeg(reader);
          List<String> warnings = new ArrayList<>();
          reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
          Rows rows = new Rows();
          if (isGif(reader)) {
            reader.addIIOReadUpdateListener(rows);
          }
          BufferedImage image = reader.read(0);
          for (String warning : warnings) {
            if (isDamage(warning)) {
              throw new IOException(warning);
            }
          }
          if (isGif(reader) && rows.count() < image.getHeight()) {
            throw new IOException(
                "only %d of its %d rows have pixels".formatted(rows.count(), image.getHeight()));
          }
          Pixels pixels = pixels(image, grey ? 1 : 3);
          return isJpeg(reader) ? upright(pixels, orientation(reader)) : pixels;
        });
  }

  /**
   * Whether a picture is stored in shades of grey, from its header alone.
   *
   * @throws UserException if it has no header that is understood
   */
  public static boolean isGrey(byte[] file, String where) {
    return Png.is(file) ? Png.checkWhole(file, where) : with(file, where, Pictures::isGreyJpeg);
  }

  /** Whether a decoder's warning means that pixels are made up; one that nobody knows does. */
  static boolean isDamage(String warning) {
    return DAMAGE.matcher(warning).find()
        ? !EXTRANEOUS.matcher(warning).find()
        : !HARMLESS.matcher(warning).find();
  }

  /** Counts the rows that were decoded: the decoder of GIF takes an early end for the end. */
  private static final class Rows implements IIOReadUpdateListener {
    private final BitSet decoded = new BitSet();

    int count() {
      return decoded.cardinality();
    }

    @Override
    public void imageUpdate(
        ImageReader source,
        BufferedImage image,
        int minX,
        int minY,
        int width,
        int height,
        int periodX,
        int periodY,
        int[] bands) {
      decoded.set(minY);
    }

    @Override
    public void passStarted(
        ImageReader source,
        BufferedImage image,
        int pass,
        int minPass,
        int maxPass,
        int minX,
        int minY,
        int periodX,
        int periodY,
        int[] bands) {}

    @Override
    public void passComplete(ImageReader source, BufferedImage image) {}

    @Override
    public void thumbnailPassStarted(
        ImageReader source,
        BufferedImage thumbnail,
        int pass,
        int minPass,
        int maxPass,
        int minX,
        int minY,
        int periodX,
        int periodY,
        int[] bands) {}

    @Override
    public void thumbnailUpdate(
        ImageReader source,
        BufferedImage thumbnail,
        int minX,
        int minY,
        int width,
        int height,
        int periodX,
        int periodY,
        int[] bands) {}

    @Override
    public void thumbnailPassComplete(ImageReader source, BufferedImage thumbnail) {}
  }

  private interface Use<R> {
    R of(ImageReader reader) throws IOException;
  }

  private static <R> R with(byte[] file, String where, Use<R> use) {
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      ImageReader reader = reader(in, where);
      try {
        reader.setInput(in, false, false);
        if (isGif(reader) && reader.getNumImages(true) != 1) {
          throw new UserException(
              "%s has %d frames; a data set takes pictures with one"
                  .formatted(where, reader.getNumImages(true)));
        }
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels < 1 || pixels > MAX_PIXELS) {
          throw new IOException(
              "its size is %d x %d pixels".formatted(reader.getWidth(0), reader.getHeight(0)));
        }
        return use.of(reader);
      } finally {
        reader.dispose();
      }
    } catch (UserException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Decoders answer some damage with index or argument exceptions.
      throw new UserException(
          "%s is not a usable picture: %s; replace or remove it".formatted(where, reason(e)), e);
    }
  }

  private static String reason(Exception e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? "it is damaged or ends too early" : message;
  }

  private static ImageReader reader(MemoryCacheImageInputStream in, String where) {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (FORMATS.contains(format(reader))) {
        return reader;
      }
      reader.dispose();
    }
    throw new UserException(
        "%s is no PNG, JPEG, BMP or GIF picture; replace or remove it".formatted(where));
  }

  private static String format(ImageReader reader) {
    try {
      return reader.getFormatName().toLowerCase(Locale.ROOT);
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean isJpeg(ImageReader reader) {
    return format(reader).equals("jpeg");
  }

  private static boolean isGif(ImageReader reader) {
    return format(reader).equals("gif");
  }

  private static boolean isGreyJpeg(ImageReader reader) throws IOException {
    if (!isJpeg(reader)) {
      return false;
    }
    ImageTypeSpecifier raw = reader.getRawImageType(0);
    return raw != null && raw.getNumBands() == 1;
  }

  private static Pixels pixels(BufferedImage image, int channels) {
    ColorModel colours = image.getColorModel();
    boolean stored =
        channels == 1
            ? colours.getColorSpace().getType() == ColorSpace.TYPE_GRAY
            : colours.getColorSpace().isCS_sRGB();
    return stored && !(colours instanceof IndexColorModel) && !colours.isAlphaPremultiplied()
        ? fromSamples(image, channels)
        : fromColours(image, channels);
  }

  /** Takes the samples as they are stored: colour management would change shades of grey. */
  private static Pixels fromSamples(BufferedImage image, int channels) {
    int width = image.getWidth();
    int height = image.getHeight();
    Raster raster = image.getRaster();
    byte[] values = new byte[channels * width * height];
    int[] row = new int[width];
    int[] alphas = new int[width];
    boolean transparent = image.getColorModel().hasAlpha();
    for (int y = 0; y < height; y++) {
      if (transparent) {
        samples(image, raster, channels, y, alphas);
      }
      for (int c = 0; c < channels; c++) {
        samples(image, raster, c, y, row);
        for (int x = 0; x < width; x++) {
          int alpha = transparent ? alphas[x] : WHITE;
          values[(c * height + y) * width + x] = onWhite(row[x], alpha);
        }
      }
    }
    return new Pixels(channels, height, width, values);
  }

  /** One row of one band, from 0 to 255 whatever its number of bits. */
  private static void samples(BufferedImage image, Raster raster, int band, int y, int[] row) {
    raster.getSamples(0, y, row.length, 1, band, row);
    int bits = image.getColorModel().getComponentSize(band);
    if (bits != 8) {
      long largest = (1L << bits) - 1;
      for (int x = 0; x < row.length; x++) {
        row[x] = (int) ((row[x] * 255L + largest / 2) / largest);
      }
    }
  }

  private static Pixels fromColours(BufferedImage image, int channels) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] values = new byte[channels * width * height];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          int value = row[x] >>> (16 - 8 * c) & 0xFF;
          values[(c * height + y) * width + x] = onWhite(value, row[x] >>> 24);
        }
      }
    }
    return new Pixels(channels, height, width, values);
  }

  private static byte onWhite(int value, int alpha) {
    return (byte) ((value * alpha + WHITE * (255 - alpha) + 127) / 255);
  }

  /** Which way up a JPEG is, in the words of the JDK's standard metadata. */
  private static String orientation(ImageReader reader) {
    try {
      IIOMetadata metadata = reader.getImageMetadata(0);
      Element root = (Element) metadata.getAsTree(IIOMetadataFormatImpl.standardMetadataFormatName);
      NodeList found = root.getElementsByTagName("ImageOrientation");
      return found.getLength() == 0 ? "Normal" : ((Element) found.item(0)).getAttribute("value");
    } catch (IOException | RuntimeException e) {
      // Cameras write much that nobody understands; the pixels are good all the same.
      return "Normal";
    }
  }

  private static Pixels upright(Pixels pixels, String orientation) {
    return switch (orientation.toLowerCase(Locale.ROOT)) {
      case "fliph" -> turned(pixels, false, true, false);
      case "rotate180" -> turned(pixels, false, true, true);
      case "flipv" -> turned(pixels, false, false, true);
      case "flipvrotate90" -> turned(pixels, true, false, false);
      case "rotate270" -> turned(pixels, true, true, false);
      case "fliphrotate90" -> turned(pixels, true, true, true);
      case "rotate90" -> turned(pixels, true, false, true);
      default -> pixels;
    };
  }

  /** Swaps rows with columns first, then mirrors left to right and top to bottom. */
  private static Pixels turned(Pixels pixels, boolean swap, boolean mirrorX, boolean mirrorY) {
    int height = swap ? pixels.width() : pixels.height();
    int width = swap ? pixels.height() : pixels.width();
    byte[] values = new byte[pixels.values().length];
    int to = 0;
    for (int c = 0; c < pixels.channels(); c++) {
      int plane = c * height * width;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int row = mirrorY ? height - 1 - y : y;
          int column = mirrorX ? width - 1 - x : x;
          int from = swap ? column * pixels.width() + row : row * pixels.width() + column;
          values[to++] = pixels.values()[plane + from];
        }
      }
    }
    return new Pixels(pixels.channels(), height, width, values);
  }
}
