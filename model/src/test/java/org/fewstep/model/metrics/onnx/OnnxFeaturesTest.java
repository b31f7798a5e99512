package org.fewstep.model.metrics.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.FeatureNetworks;
import org.fewstep.model.onnx.OnnxWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFeaturesTest {
  private static final ImageShape GREY = new ImageShape(1, 4, 4);
  private static final ImageShape COLOUR = new ImageShape(3, 4, 4);

  /** [2, 3]: what the network makes of the mean of each channel. */
  private static final float[] WEIGHTS = {1, 2, 3, 10, 100, 1000};

  @TempDir private Path folder;

  @Test
  void shouldPrepareImagesAsTheSettingsSayAndBeNamedSo() {
    Path file = network("Dino.onnx", -1, 3, -1, -1);
    String hash = Sha256.ofFile(file).substring(0, 8);
    double[] image = new double[COLOUR.size()];
    Arrays.fill(image, 0, 16, 51 / 127.5 - 1);
    Arrays.fill(image, 16, 32, 102 / 127.5 - 1);
    Arrays.fill(image, 32, 48, 255 / 127.5 - 1);

    check(file + ",range=unit", image, "dino@" + hash + "/unit", 0.2 + 0.8 + 3);
    check(file + ",range=levels", image, "dino@" + hash + "/levels", 51 + 204 + 765);
    check(
        file + ",range=symmetric,size=9",
        image,
        "dino@" + hash + "/9-bicubic-symmetric",
        -0.6 - 2 * 0.2 + 3);
    check(
        file + ",resize=bilinear,size=3,range=imagenet,output=vectors",
        image,
        "dino@" + hash + "/3-bilinear-imagenet",
        (0.2 - 0.485) / 0.229 + 2 * (0.4 - 0.456) / 0.224 + 3 * (1 - 0.406) / 0.225);
  }

  private static void check(String given, double[] image, String name, double first) {
    try (FeatureNetwork network = FeatureNetworks.open(given, COLOUR)) {
      assertThat(network.frechetMetric()).isEqualTo("FD[" + name + "]");
      assertThat(network.dimensions()).isEqualTo(2);
      assertThat(network.isStandardInception()).isFalse();
      float[] features = network.features(image, 1);
      assertThat(features).hasSize(2);
      assertThat((double) features[0]).isCloseTo(first, within(1e-4 * Math.abs(first) + 1e-5));
    }
  }

  @Test
  void shouldTakeGreyImagesAsThreeChannelsAndGiveEachTheSameInAnyBatch() {
    Path file = network("a.onnx", -1, 3, 4, 4);
    double[] images = new double[11 * GREY.size()];
    for (int i = 0; i < images.length; i++) {
      images[i] = i % 256 / 127.5 - 1;
    }
    try (FeatureNetwork network = FeatureNetworks.open(file + ",range=levels", GREY)) {
      float[] all = network.features(images, 11);
      double[] last = Arrays.copyOfRange(images, 10 * GREY.size(), images.length);
      assertThat(all[20]).isEqualTo(6 * (160 + 175) / 2f);
      assertThat(Arrays.copyOfRange(all, 20, 22)).isEqualTo(network.features(last, 1));
    }
  }

  @Test
  void shouldTakeChannelsLastAndAFixedNumberOfImages() {
    Path file = folder.resolve("last.onnx");
    new OnnxWriter()
        .input("x", 2, 4, 4, 3)
        .node("ReduceMean", List.of("x"), "y", Map.of("axes", new long[] {1, 2}, "keepdims", 0L))
        .output("y", 2, 3)
        .write(file);
    double[] images = new double[3 * COLOUR.size()];
    Arrays.fill(images, 2 * 48 + 32, 3 * 48, 1);
    try (FeatureNetwork network = FeatureNetworks.open(file + ",range=symmetric", COLOUR)) {
      float[] features = network.features(images, 3);
      assertThat(features[8]).isOne();
      assertThat(features[7]).isCloseTo(0, within(0.005f));
    }
  }

  @Test
  void shouldSayInOneSentenceWhatIsWrong() throws IOException {
    Path good = network("good.onnx", -1, 3, 8, 8);
    Path damaged = Files.write(folder.resolve("damaged.onnx"), new byte[] {8, 7, 58, 90, 1});
    Path empty = Files.createFile(folder.resolve("empty.onnx"));
    Path split = Files.write(folder.resolve("split.onnx"), withWeightsElsewhere());
    Path maps = folder.resolve("maps.onnx");
    new OnnxWriter()
        .input("x", -1, 3, -1, -1)
        .node("Relu", List.of("x"), "y", Map.of())
        .node("Flatten", List.of("x"), "z", Map.of())
        .output("y", -1, 3, -1, -1)
        .output("z", -1, -1)
        .write(maps);
    Path two = folder.resolve("two.onnx");
    new OnnxWriter()
        .input("x", -1, 3, 4, 4)
        .input("t", -1, 3, 4, 4)
        .node("Add", List.of("x", "t"), "y", Map.of())
        .output("y", -1, 3, 4, 4)
        .write(two);
    refuses(good.toString(), "range=NAME", "unit, symmetric, levels, imagenet");
    refuses(good + ",range=bytes", "range", "bytes");
    refuses(good + ",range=unit,size=9", "8 pixels", "size=9");
    refuses(good + ",range=unit,size=0", "size", "\"0\"");
    refuses(good + ",range=unit,resize=box", "resize", "bicubic, bilinear");
    refuses(good + ",range=unit,size=8,range=levels", "setting 'range' twice");
    refuses(good + ",range=unit,layer=3", "no setting 'layer'", "size, resize, range, output");
    refuses(good + ",range=unit,output=pool", "no output 'pool'", "vectors");
    refuses(damaged + ",range=unit", "damaged.onnx", "no usable ONNX network");
    refuses(empty + ",range=unit", "empty");
    refuses(split + ",range=unit", "split.onnx", "no usable ONNX network");
    refuses(maps + ",range=unit", "several outputs", "y, z");
    refuses(maps + ",range=unit,output=y", "[8, 3, 4, 4]", "[images, features]");
    refuses(two + ",range=unit", "takes 2 inputs (x, t)");
    refuses(folder + "/none.onnx,range=unit", "no feature network", "none.onnx");
    Path grey = network("grey.onnx", -1, 1, 4, 4);
    refuses(grey + ",range=unit", "1 channels", "3x4x4");
  }

  @Test
  void shouldRefuseMoreFeaturesOrPixelsThanScoresCanTake() {
    Path wide = folder.resolve("wide.onnx");
    new OnnxWriter()
        .input("x", 1, 3, 80, 80)
        .node("Flatten", List.of("x"), "rows", Map.of())
        .output("rows", 1, 3 * 80 * 80)
        .write(wide);
    refuses(wide + ",range=unit", "wide.onnx", "19200 features", "output rows", "at most 16383");
    Path many = network("many.onnx", 64, 3, -1, -1);
    refuses(many + ",range=unit,size=4096", "64 images of 4096 pixels", "smaller size");
    Path endless = network("endless.onnx", 1L << 40, 3, 4, 4);
    refuses(endless + ",range=unit", "1099511627776 images of 4 pixels");
  }

  private static void refuses(String given, String... words) {
    assertThatThrownBy(() -> FeatureNetworks.open(given, COLOUR).close())
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(words)
        .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\n"));
  }

  /** A network whose weights are said to lie in another file: graph.initializer.external_data. */
  private byte[] withWeightsElsewhere() throws IOException {
    byte[] location =
        field(13, concat(field(1, bytes("location")), field(2, bytes("/etc/passwd"))));
    byte[] tensor =
        concat(
            new byte[] {8, 6, 16, 1}, field(8, bytes("elsewhere")), location, new byte[] {112, 1});
    byte[] network =
        new OnnxWriter()
            .input("x", -1, 3, 4, 4)
            .node("GlobalAveragePool", List.of("x"), "means", Map.of())
            .node("Flatten", List.of("means"), "rows", Map.of())
            .node("Mul", List.of("rows", "elsewhere"), "y", Map.of())
            .output("y", -1, 6)
            .toBytes();
    return concat(network, field(7, field(5, tensor)));
  }

  private static byte[] field(int number, byte[] content) {
    return concat(new byte[] {(byte) (number << 3 | 2), (byte) content.length}, content);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Two weighted sums of the channels' means. */
  private Path network(String name, long... input) {
    int channels = (int) input[1];
    Path file = folder.resolve(name);
    new OnnxWriter()
        .input("pixels", input)
        .weights("w", Arrays.copyOf(WEIGHTS, 2 * channels), 2, channels, 1, 1)
        .node("Conv", List.of("pixels", "w"), "maps", Map.of("kernel_shape", new long[] {1, 1}))
        .node("GlobalAveragePool", List.of("maps"), "means", Map.of())
        .node("Flatten", List.of("means"), "vectors", Map.of("axis", 1L))
        .output("vectors", -1, 2)
        .write(file);
    return file;
  }
}
