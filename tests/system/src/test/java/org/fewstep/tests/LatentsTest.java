package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.deploy.train.PreparedRun;
import org.fewstep.model.io.Npy;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.onnx.OnnxWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run on latents: trained on draws of them, shown and scored as pictures. */
class LatentsTest {
  private static final int SIZE = 8;
  private static final List<String> SETTINGS =
      List.of(
          "data.path=latents.zip",
          "network.attention-resolutions=[4]",
          "network.augment-dim=9",
          "batch=8",
          "exchange.unit-images=8",
          "images=16",
          "optimizer.warmup-images=0",
          "evaluation.at-images=[]");

  @TempDir Path temporary;

  @BeforeEach
  void prepare() throws IOException {
    try (OutputStream file = Files.newOutputStream(temporary.resolve("latents.zip"));
        ZipOutputStream zip = new ZipOutputStream(file)) {
      for (int i = 0; i < 10; i++) {
        float[] moments = new float[8 * SIZE * SIZE];
        Arrays.fill(moments, i);
        zip.putNextEntry(new ZipEntry("00000/img-mean-std-%08d.npy".formatted(i)));
        Npy.write(zip, Tensor.of(moments, 8, SIZE, SIZE));
      }
    }
    float[] weights = new float[4 * 3 * 4];
    Arrays.fill(weights, 0.1f);
    new OnnxWriter()
        .input("latents", -1, 4, -1, -1)
        .weights("w", weights, 4, 3, 2, 2)
        .node(
            "ConvTranspose",
            List.of("latents", "w"),
            "pictures",
            Map.of("kernel_shape", new long[] {2, 2}, "strides", new long[] {2, 2}))
        .output("pictures", -1, 3, -1, -1)
        .write(temporary.resolve("decoder.onnx"));
  }

  @Test
  void shouldShowPicturesWhereADecoderIsNamed() throws IOException {
    List<String> train = new ArrayList<>(List.of("train", "tiny", "--run-dir", "run"));
    train.addAll(SETTINGS);
    train.addAll(List.of("evaluation.features=none", "latent.decoder=decoder.onnx"));
    Command.startIn(temporary, train.toArray(String[]::new)).await().exitedWith(0);
    Path checkpoint = TinyRun.newestCheckpoint(temporary.resolve("run")).folder();

    try (var grids = Files.list(temporary.resolve("run/samples"))) {
      assertThat(grids.toList())
          .isNotEmpty()
          .allSatisfy(grid -> assertThat(width(grid)).isEqualTo(4 * 2 * SIZE + 3 * 2));
    }
    Command.Result tiles =
        Command.startIn(
                temporary,
                ("sample --count 4 --steps 1 --out tiles.png --from " + checkpoint).split(" "))
            .await()
            .exitedWith(0);
    assertThat(tiles.err()).anyMatch(line -> line.contains("--decoder FILE.onnx"));
    assertThat(width(temporary.resolve("tiles.png"))).isEqualTo(2 * 2 * SIZE + 2);
  }

  @Test
  void shouldScorePicturesOnly() {
    List<String> scored =
        List.of(
            "data.path=" + temporary.resolve("latents.zip"),
            "network.attention-resolutions=[4]",
            "evaluation.held-out=none");

    assertThatThrownBy(
            () -> PreparedRun.of("tiny", RunConfigLoader.load("tiny", scored), temporary))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("evaluation.features", "latent.decoder=FILE.onnx");
  }

  private static int width(Path picture) {
    try {
      return ImageIO.read(picture.toFile()).getWidth();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
