package org.fewstep.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.fewstep.model.io.Png;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageGridTest {
  @TempDir Path folder;

  @Test
  void shouldLayImagesOutWithWhiteSeparators() throws IOException {
    Path file = folder.resolve("grid.png");
    // Five images of one pixel in two columns: -1 is 0.5, truncated to 0; 0 is 128; 1 is clipped.
    ImageGrid.write(file, new double[] {-1, 0, 1, -7, 0.5}, new ImageShape(1, 1, 1), 2);
    Png.Pixels grid = Png.decode(Files.readAllBytes(file), "grid");
    assertThat(grid.width()).isEqualTo(4);
    assertThat(grid.height()).isEqualTo(7);
    byte w = (byte) 255;
    assertThat(grid.values())
        .containsExactly(
            0,
            w,
            w,
            (byte) 128, //
            w,
            w,
            w,
            w, //
            w,
            w,
            w,
            w, //
            w,
            w,
            w,
            0, //
            w,
            w,
            w,
            w, //
            w,
            w,
            w,
            w, //
            (byte) 191,
            w,
            w,
            w);
  }

  @Test
  void shouldKeepChannelsApart() {
    double[] image = {-1, -1, 0, 0, 1, 1};
    Png.Pixels grid = Png.decode(ImageGrid.encode(image, new ImageShape(3, 1, 2), 8), "grid");
    assertThat(grid.values()).containsExactly(0, 0, (byte) 128, (byte) 128, (byte) 255, (byte) 255);
  }

  @Test
  void shouldRefuseWhatIsNoWholeNumberOfImages() {
    assertThatThrownBy(() -> ImageGrid.encode(new double[5], new ImageShape(1, 2, 2), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
