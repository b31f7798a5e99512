package org.fewstep.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures in {@code /pictures} were written by Pillow, and so were their expected pixels. */
class PicturesTest {
  @ParameterizedTest
  @CsvSource({
    "colour.png, colour.png",
    "colour.bmp, colour.png",
    "palette.png, palette-expected.png",
    "palette.gif, palette-expected.png",
    "grey.png, grey.png",
    "alpha.png, alpha-expected.png"
  })
  void shouldGiveTheStoredPixels(String picture, String expected) throws IOException {
    Png.Pixels read = Pictures.decode(bytes(picture), picture);
    Png.Pixels wanted = Png.decode(bytes(expected), expected);
    assertThat(shape(read)).isEqualTo(shape(wanted));
    for (int i = 0; i < read.values().length; i++) {
      // Pillow truncates when it lays colours on a background.
      assertThat(read.values()[i] & 0xFF)
          .isBetween(
              (wanted.values()[i] & 0xFF),
              (wanted.values()[i] & 0xFF) + (picture.startsWith("alpha") ? 1 : 0));
    }
  }

  @Test
  void shouldRoundSixteenBitsToEight() throws IOException {
    Png.Pixels read = Pictures.decode(bytes("sixteen.png"), "sixteen.png");
    assertThat(shape(read)).isEqualTo("1x2x4");
    assertThat(read.values()).containsExactly(0, 0, 1, 1, (byte) 128, (byte) 253, (byte) 255, 1);
  }

  @Test
  void shouldKeepGreyJpegsGreyWithTheirValues() throws IOException {
    Png.Pixels read = Pictures.decode(bytes("grey.jpg"), "grey.jpg");
    Png.Pixels stored = Png.decode(bytes("grey.png"), "grey.png");
    assertThat(shape(read)).isEqualTo("1x4x6");
    for (int i = 0; i < read.values().length; i++) {
      assertThat(read.values()[i] & 0xFF)
          .isBetween((stored.values()[i] & 0xFF) - 3, (stored.values()[i] & 0xFF) + 3);
    }
    assertThat(Pictures.isGrey(bytes("grey.jpg"), "")).isTrue();
    assertThat(Pictures.isGrey(bytes("grey.png"), "")).isTrue();
    assertThat(Pictures.isGrey(bytes("exif-1.jpg"), "")).isFalse();
    assertThat(Pictures.isGrey(bytes("palette.gif"), "")).isFalse();
  }

  @Test
  void shouldReadCmykAsRed() throws IOException {
    Png.Pixels read = Pictures.decode(bytes("cmyk.jpg"), "cmyk.jpg");
    assertThat(shape(read)).isEqualTo("3x8x8");
    assertThat(read.values()[0] & 0xFF).isGreaterThan(200);
    assertThat(read.values()[64] & 0xFF).isLessThan(60);
    assertThat(read.values()[128] & 0xFF).isLessThan(60);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldTurnJpegsUpright(int orientation) throws IOException {
    // The file's corners are red, green, blue and white; where EXIF's orientation puts them:
    String[] corners = {"rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"};
    Png.Pixels read = Pictures.decode(bytes("exif-" + orientation + ".jpg"), "x");
    assertThat(read.width()).isEqualTo(orientation < 5 ? 32 : 16);
    StringBuilder found = new StringBuilder();
    for (int y : new int[] {2, read.height() - 3}) {
      for (int x : new int[] {2, read.width() - 3}) {
        int red = value(read, 0, y, x);
        int green = value(read, 1, y, x);
        int blue = value(read, 2, y, x);
        found.append(red + green + blue > 600 ? 'w' : red > 200 ? 'r' : green > 200 ? 'g' : 'b');
      }
    }
    assertThat(found).hasToString(corners[orientation - 1]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"colour.png", "colour.bmp", "grey.jpg", "exif-6.jpg", "cmyk.jpg", "palette.gif"})
  void shouldRefuseWhatEndsTooEarly(String picture) throws IOException {
    byte[] whole = bytes(picture);
    Png.Pixels intact = Pictures.decode(whole, picture);
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      try {
        Png.Pixels read = Pictures.decode(part, picture);
        // What is cut off may have meant nothing, such as padding or a trailer.
        assertThat(read.values())
            .as("%d of %d bytes", length, whole.length)
            .isEqualTo(intact.values());
        assertThat(length).isGreaterThan(whole.length - 4);
      } catch (UserException e) {
        assertThat(e).hasMessageContaining(picture).hasMessageNotContaining("null");
      }
    }
  }

  @Test
  void shouldRefuseSeveralFramesAndOtherFiles() throws IOException {
    byte[] animated = bytes("animated.gif");
    assertThatThrownBy(() -> Pictures.decode(animated, "a.gif"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("a.gif has 2 frames");
    assertThatThrownBy(() -> Pictures.decode("<svg/>".getBytes(StandardCharsets.UTF_8), "a.png"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("a.png is no PNG, JPEG, BMP or GIF picture");
    byte[] damaged = bytes("colour.png");
    damaged[50] ^= 1;
    assertThatThrownBy(() -> Pictures.decode(damaged, "a.png"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("checksum");
  }

  @Test
  void shouldRefuseAGifWithAWrongCode() {
    // A clear code, a zero, and a code that stands for nothing yet.
    assertThatThrownBy(() -> Pictures.decode(gif(4, 0b11_000_100, 0b1), "a.gif"))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("a.gif", "Out-of-sequence code!");
  }

  @Test
  void shouldRefuseAGifWhoseCodesEndTooEarly() {
    // A clear code, 2 pixels, and the end, in a picture of 2 columns.
    byte[] codes = {0b01_001_100, 0b1010};
    assertThat(Pictures.decode(gif(1, codes[0], codes[1]), "a.gif").height()).isEqualTo(1);
    assertThatThrownBy(() -> Pictures.decode(gif(4, codes[0], codes[1]), "a.gif"))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("a.gif", "only 1 of its 4 rows");
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 8, 9, 17})
  void shouldReadInterlacedGifsWhole(int height) throws IOException {
    BufferedImage picture = new BufferedImage(3, height, BufferedImage.TYPE_BYTE_INDEXED);
    for (int y = 0; y < height; y++) {
      picture.setRGB(y % 3, y, 0xFFFFFF);
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(file)) {
      writer.setOutput(out);
      ImageWriteParam interlaced = writer.getDefaultWriteParam();
      interlaced.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.write(null, new IIOImage(picture, null, null), interlaced);
    } finally {
      writer.dispose();
    }
    Png.Pixels read = Pictures.decode(file.toByteArray(), "a.gif");
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < 3; x++) {
        assertThat(value(read, 1, y, x)).isEqualTo(x == y % 3 ? 255 : 0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Premature end of JPEG file | true",
        "Corrupt JPEG data: bad Huffman code | true",
        "Corrupt JPEG data: 12 extraneous bytes before marker 0xd9 | false",
        "Out-of-sequence code! | true",
        "Use default color table. | true",
        "Something that no decoder has said so far | true",
        "Exif chunk has no data. | false",
        "Embedded color profile is invalid; ignored | false",
        "Warning: unknown JFIF revision number 2.01 | false",
        "Invalid SOS parameters for sequential JPEG | false",
        "tRNS chunk without prior PLTE chunk, ignoring it. | false",
        "A PNG gray or gray alpha image cannot have a PLTE chunk. The chunk wil be ignored. |"
            + " false",
        "Invalid Adobe App14 marker. Ignoring Adobe App14 marker. | false",
      })
  void shouldTakeAnUnknownWarningForDamage(String warning, boolean damage) {
    assertThat(Pictures.isDamage(warning)).isEqualTo(damage);
  }

  /** Two columns, four colours, and two bytes of codes of 3 bits, lowest first. */
  private static byte[] gif(int height, int first, int second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("GIF89a".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(new byte[] {2, 0, (byte) height, 0, (byte) 0x81, 0, 0});
    out.writeBytes(
        new byte[] {0, 0, 0, 80, 80, 80, (byte) 160, (byte) 160, (byte) 160, -1, -1, -1});
    out.writeBytes(new byte[] {0x2C, 0, 0, 0, 0, 2, 0, (byte) height, 0, 0});
    out.writeBytes(new byte[] {2, 2, (byte) first, (byte) second, 0, 0x3B});
    return out.toByteArray();
  }

  private static int value(Png.Pixels pixels, int channel, int y, int x) {
    return pixels.values()[(channel * pixels.height() + y) * pixels.width() + x] & 0xFF;
  }

  private static String shape(Png.Pixels pixels) {
    return pixels.channels() + "x" + pixels.height() + "x" + pixels.width();
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PicturesTest.class.getResourceAsStream("/pictures/" + name), name)) {
      return in.readAllBytes();
    }
  }
}
