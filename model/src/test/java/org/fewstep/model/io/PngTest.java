package org.fewstep.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Png.Pixels;
import org.junit.jupiter.api.Test;

class PngTest {

  @Property(tries = 60)
  void shouldDecodeWhatItEncoded(
      @ForAll boolean colour,
      @ForAll @IntRange(min = 1, max = 20) int height,
      @ForAll @IntRange(min = 1, max = 20) int width,
      @ForAll long seed) {
    Pixels pixels = random(colour ? 3 : 1, height, width, seed);
    assertThat(Png.decode(Png.encode(pixels), "x")).usingRecursiveComparison().isEqualTo(pixels);
    byte[] smallest = Png.encodeSmallest(pixels);
    assertThat(Png.decode(smallest, "x")).usingRecursiveComparison().isEqualTo(pixels);
    assertThat(smallest.length).isLessThanOrEqualTo(Png.encode(pixels).length);
  }

  @Test
  void shouldWriteWhatOtherDecodersRead() throws IOException {
    Pixels pixels = random(3, 5, 7, 1);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(Png.encode(pixels)));
    byte[] v = pixels.values();
    assertThat(image.getRGB(6, 2) & 0xFFFFFF)
        .isEqualTo((v[20] & 0xFF) << 16 | (v[55] & 0xFF) << 8 | (v[90] & 0xFF));
  }

  @Test
  void shouldTakeGreyValuesAsTheyAreStored() throws IOException {
    BufferedImage image = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    for (int x = 0; x < 256; x++) {
      image.getRaster().setSample(x, 0, 0, x);
    }
    Pixels pixels = Png.decode(written(image), "x");
    assertThat(pixels.channels()).isEqualTo(1);
    for (int x = 0; x < 256; x++) {
      assertThat(pixels.values()[x] & 0xFF).isEqualTo(x);
    }
  }

  @Test
  void shouldScaleOneBitGreyToBytes() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY);
    image.getRaster().setSample(1, 0, 0, 1);
    Pixels pixels = Png.decode(written(image), "x");
    assertThat(pixels.values()).containsExactly(0, 255, 0);
  }

  @Test
  void shouldTurnAPaletteIntoColours() throws IOException {
    byte[] red = {10, (byte) 200, 30};
    byte[] green = {40, 50, 60};
    byte[] blue = {70, 80, 90};
    BufferedImage image =
        new BufferedImage(
            2, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 3, red, green, blue));
    image.getRaster().setSample(0, 0, 0, 1);
    image.getRaster().setSample(1, 0, 0, 2);
    Pixels pixels = Png.decode(written(image), "x");
    assertThat(pixels.values()).containsExactly((byte) 200, 30, 50, 60, 80, 90);
  }

  @Test
  void shouldDropOpaqueAlphaAndRefuseTransparency() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xFF010203);
    image.setRGB(1, 0, 0xFF040506);
    assertThat(Png.decode(written(image), "x").values()).containsExactly(1, 4, 2, 5, 3, 6);
    image.setRGB(1, 0, 0x80040506);
    byte[] transparent = written(image);
    assertThatThrownBy(() -> Png.decode(transparent, "picture"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("picture has transparent pixels");
  }

  @Test
  void shouldRefuseSixteenBits() throws IOException {
    byte[] png = written(new BufferedImage(2, 2, BufferedImage.TYPE_USHORT_GRAY));
    assertThatThrownBy(() -> Png.decode(png, "picture"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("16 bits");
  }

  @Test
  void shouldNoticeEveryTruncationAndEveryChangedByte() {
    byte[] whole = Png.encode(random(1, 4, 4, 2));
    for (int i = 0; i < whole.length; i++) {
      byte[] cut = Arrays.copyOf(whole, i);
      assertThatThrownBy(() -> Png.decode(cut, "picture"))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("picture");
      byte[] changed = whole.clone();
      changed[i] ^= 4;
      assertThatThrownBy(() -> Png.decode(changed, "picture"))
          .as("byte %d", i)
          .isInstanceOf(UserException.class)
          .hasMessageContaining("picture");
    }
  }

  private static Pixels random(int channels, int height, int width, long seed) {
    byte[] values = new byte[channels * height * width];
    new Random(seed).nextBytes(values);
    return new Pixels(channels, height, width, values);
  }

  private static byte[] written(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }
}
