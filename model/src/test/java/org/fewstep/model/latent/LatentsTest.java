package org.fewstep.model.latent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.fewstep.config.LatentConfig;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.model.data.UnitReader;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.onnx.OnnxWriter;
import org.fewstep.model.run.ModelFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatentsTest {
  private static final ImageShape SHAPE = new ImageShape(4, 8, 8);
  private static final float[] NARROW = {1, 2, 3, 4, 0, 0, 0, 0};
  private static final float[] WIDE = {1, 2, 3, 4, 0.5f, 1, 2, 4};

  @TempDir private Path folder;

  @Test
  void shouldNormaliseEachChannelAsTheOfficialCode() throws IOException {
    ImageDataset latents = dataset("a.zip", LatentFiles.latent(8, NARROW));
    double[] image = new double[SHAPE.size()];
    latents.read(0, image, 0);

    assertThat(latents.shape()).isEqualTo(SHAPE);
    assertThat(latents.label(0)).isZero();
    assertThat(image[0]).isCloseTo((1 - 0.86488) * 0.5 / 4.85503674, within(1e-12));
    assertThat(image[64]).isCloseTo((2 + 0.27787343) * 0.5 / 5.31922414, within(1e-12));
    assertThat(image[255]).isCloseTo((4 - 0.3738409) * 0.5 / 3.9870003, within(1e-12));
  }

  @Test
  void shouldDrawFromMeanAndDeviationAnewInEachEpochAndAlikeInEachRun() throws IOException {
    ImageDataset latents = dataset("b.zip", LatentFiles.latent(8, WIDE));
    UnitReader reader = new UnitReader(latents, 3, 64, false);
    Unit unit = reader.read(0);

    assertThat(new UnitReader(latents, 3, 64, false).read(0).images()).isEqualTo(unit.images());
    assertThat(reader.read(1).images()).isNotEqualTo(unit.images());
    assertThat(Arrays.copyOf(unit.images(), 256))
        .isNotEqualTo(Arrays.copyOfRange(unit.images(), 256, 512));
    for (int channel = 0; channel < 4; channel++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < 64 * 64; i++) {
        int position = i / 64 * SHAPE.size() + channel * 64 + i % 64;
        double raw = LatentScale.raw(unit.images()[position], channel);
        sum += raw;
        squares += raw * raw;
      }
      double mean = sum / 4096;
      double deviation = Math.sqrt(squares / 4096 - mean * mean);
      // Five standard errors of 4096 draws.
      assertThat(mean).isCloseTo(WIDE[channel], within(5 * WIDE[4 + channel] / 64.0));
      assertThat(deviation).isCloseTo(WIDE[4 + channel], within(5 * WIDE[4 + channel] / 90.0));
    }
  }

  @Test
  void shouldKnowTheSameLatentsByTheirFingerprint() throws IOException {
    byte[] one = LatentFiles.latent(8, WIDE);
    byte[] other = LatentFiles.latent(8, NARROW);

    assertThat(dataset("c.zip", one, other).fingerprint())
        .isEqualTo(dataset("d.zip", one, other).fingerprint())
        .isNotEqualTo(dataset("e.zip", other, one).fingerprint());
  }

  @Test
  void shouldRefuseWhatIsNoLatent() throws IOException {
    byte[] good = LatentFiles.latent(8, WIDE);
    byte[] pixels = LatentFiles.array(Tensor.of(new byte[192], 3, 8, 8));
    refuses(() -> dataset("f.zip", LatentFiles.latent(8, 1, 2, 3, 4)), "[4, 8, 8]", "(8, height");
    refuses(() -> dataset("g.zip", good, LatentFiles.latent(4, WIDE)), "00000001.npy", "one size");
    refuses(() -> dataset("h.zip", good, pixels), "00000001.npy");
    refuses(() -> dataset("i.zip", pixels, good), "00000001.npy", "latents are no pictures");
    ImageDataset broken =
        dataset("j.zip", good, LatentFiles.latent(8, 1, Float.NaN, 3, 4, 0, 0, 0, 0));
    refuses(() -> broken.read(1, new double[256], 0), "00000001.npy", "NaN as a mean");
    ImageDataset negative = dataset("k.zip", LatentFiles.latent(8, 1, 2, 3, 4, 0, 0, 0, -1));
    refuses(() -> negative.read(0, new double[256], 0), "-1.0 as a standard deviation");
    Path file = LatentFiles.zip(folder.resolve("l.zip"), List.of(good));
    RunConfig mirrored =
        RunConfigLoader.load(
                "tiny", List.of("data.path=" + file, "data.flip=true", "evaluation.features=none"))
            .config();
    refuses(
        () -> ModelFactory.spec(mirrored, Datasets.open(file.toString())), "data.flip", "mirrored");
  }

  @Test
  void shouldDecodeTheAutoencodersOwnLatentsToTheOfficialLevels() {
    Path file = LatentFiles.decoder(folder.resolve("vae.onnx"), 4);
    double[] latents = new double[2 * SHAPE.size()];
    for (int i = 0; i < latents.length; i++) {
      int channel = i / 64 % 4;
      latents[i] = LatentScale.normalised(channel == 0 ? 0.5 : channel == 1 ? -3 : 2, channel);
    }
    latents[0] = Double.NaN;
    try (LatentView view = open(file, SHAPE)) {
      assertThat(view.pictures()).isEqualTo(new ImageShape(3, 16, 16));
      assertThat(view.decodes()).isTrue();
      double[] pictures = view.pictures(latents, 2);
      assertThat(pictures[0]).isNaN();
      // (0.5 / 2 + 0.5) * 255 = 191.25
      assertThat(pictures[2]).isEqualTo(191 / 127.5 - 1);
      assertThat(pictures[768]).isEqualTo(191 / 127.5 - 1);
      assertThat(pictures[258]).isEqualTo(-1);
      assertThat(pictures[514]).isEqualTo(1);
    }
  }

  @Test
  void shouldShowTheChannelsBesideEachOtherWithoutADecoder() {
    ImageShape small = new ImageShape(4, 1, 2);
    try (LatentView view = LatentView.open(LatentConfig.NONE, small, "--decoder")) {
      assertThat(view).isNotNull();
      assertThat(view.pictures()).isEqualTo(new ImageShape(1, 2, 4));
      assertThat(view.decodes()).isFalse();
      assertThat(view.pictures(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 1))
          .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    }
    assertThat(LatentView.open(LatentConfig.NONE, new ImageShape(3, 8, 8), "")).isNull();
  }

  @Test
  void shouldRefuseWhatIsNoDecoder() throws IOException {
    Path decoder = LatentFiles.decoder(folder.resolve("vae.onnx"), 4);
    Path other = LatentFiles.decoder(folder.resolve("flux.onnx"), 16);
    Path text = Files.writeString(folder.resolve("text.onnx"), "no network");
    Path flat = folder.resolve("flat.onnx");
    new OnnxWriter()
        .input("x", -1, 4, -1, -1)
        .node("Flatten", List.of("x"), "y", Map.of())
        .output("y", -1, -1)
        .write(flat);

    refuses(() -> open(decoder, new ImageShape(3, 8, 8)), "latent.decoder", "pictures of 3x8x8");
    refuses(() -> open(decoder, new ImageShape(16, 8, 8)), "only latents of 4 channels");
    refuses(() -> open(other, SHAPE), "flux.onnx", "[1, 4, 8, 8]");
    refuses(() -> open(text, SHAPE), "text.onnx", "no usable ONNX network");
    refuses(() -> open(flat, SHAPE), "flat.onnx", "[1, 256]", "picture");
    refuses(() -> open(folder.resolve("none.onnx"), SHAPE), "none.onnx", "no such file");
  }

  private static LatentView open(Path decoder, ImageShape shape) {
    LatentView view = LatentView.open(decoder.toString(), shape, "latent.decoder");
    assertThat(view).isNotNull();
    return view;
  }

  private static void refuses(ThrowingCallable use, String... words) {
    assertThatThrownBy(use).isInstanceOf(UserException.class).hasMessageContainingAll(words);
  }

  private ImageDataset dataset(String name, byte[]... arrays) throws IOException {
    return Datasets.open(LatentFiles.zip(folder.resolve(name), Arrays.asList(arrays)).toString());
  }
}
