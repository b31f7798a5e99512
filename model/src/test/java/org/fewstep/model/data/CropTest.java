package org.fewstep.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.fewstep.config.Choices;
import org.fewstep.model.io.Png;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected pixels come from Pillow, called as the published tools call it. */
class CropTest {
  @ParameterizedTest
  @CsvSource({"67, 41, 3, 8", "23, 37, 1, 16", "9, 5, 3, 12", "33, 16, 3, 16", "129, 64, 1, 16"})
  void shouldEqualPillowBitForBit(int width, int height, int channels, int size)
      throws IOException {
    Png.Pixels picture = picture(width, height, channels);
    for (Crop crop : Crop.values()) {
      String name =
          String.format(
              Locale.ROOT,
              "crop-%s-%dx%dx%d-%d.png",
              Choices.nameOf(crop),
              width,
              height,
              channels,
              size);
      Png.Pixels expected = read(name);
      Png.Pixels cropped = crop.apply(picture, size);
      assertThat(cropped.channels()).isEqualTo(channels);
      assertThat(cropped.width()).isEqualTo(size);
      assertThat(cropped.height()).isEqualTo(size);
      assertThat(cropped.values()).as(name).isEqualTo(expected.values());
    }
  }

  @ParameterizedTest
  @CsvSource({"41, 7, 3, 12", "7, 41, 1, 12", "150, 1, 3, 16", "12, 31, 1, 12", "12, 12, 3, 12"})
  void shouldMakeNoOtherPixelsThanTheWholePictureHas(
      int width, int height, int channels, int size) {
    Png.Pixels picture = picture(width, height, channels);
    double scale = (double) size / Math.min(width, height);
    Png.Pixels whole =
        Resampling.BICUBIC.resize(
            picture, (int) Math.rint(width * scale), (int) Math.rint(height * scale));
    Png.Pixels cropped = Crop.ADM.apply(picture, size);
    int left = (whole.width() - size) / 2;
    int top = (whole.height() - size) / 2;
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < size; y++) {
        int from = (c * whole.height() + top + y) * whole.width() + left;
        assertThat(
                Arrays.copyOfRange(
                    cropped.values(), (c * size + y) * size, (c * size + y + 1) * size))
            .isEqualTo(Arrays.copyOfRange(whole.values(), from, from + size));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"3000, 1, 512", "1, 3000, 512", "2000000, 1, 64", "1, 600000, 4000"})
  void shouldCropAVeryLongPicture(int width, int height, int size) {
    byte[] grey = new byte[width * height];
    Arrays.fill(grey, (byte) 77);
    Png.Pixels cropped = Crop.ADM.apply(new Png.Pixels(1, height, width, grey), size);
    assertThat(cropped.values()).hasSize(size * size).containsOnly(77);
  }

  private static Png.Pixels picture(int width, int height, int channels) {
    byte[] values = new byte[channels * height * width];
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          values[(c * height + y) * width + x] = (byte) (x * x * 3 + y * 7 + c * 50 + x * y);
        }
      }
    }
    return new Png.Pixels(channels, height, width, values);
  }

  private static Png.Pixels read(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(CropTest.class.getResourceAsStream("/pictures/" + name), name)) {
      return Png.decode(in.readAllBytes(), name);
    }
  }
}
