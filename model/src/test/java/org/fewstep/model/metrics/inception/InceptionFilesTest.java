package org.fewstep.model.metrics.inception;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.pickle.TorchFiles;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.FeatureNetworks;
import org.fewstep.model.metrics.FeatureOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InceptionFilesTest {
  private static final ImageShape SHAPE = new ImageShape(1, 4, 5);
  @TempDir private Path folder;

  @Test
  void shouldReadWeightsAndGiveAllOutputsAlikeForEachImageOfABatch() throws IOException {
    Path file = Files.write(folder.resolve("a.pth"), TorchFiles.stateDict(constants()));
    try (FeatureNetwork network = FeatureNetworks.open(file + ",resize=pytorch-fid", SHAPE)) {
      assertThat(network.isStandardInception()).isFalse();
      assertThat(network.frechetMetric()).matches("FD\\[inception@[0-9a-f]{8}/pytorch-fid]");
      assertThat(network.description()).contains("not called FID");
      double[] images = new double[5 * SHAPE.size()];
      for (int i = 0; i < images.length; i++) {
        images[i] = i / 50.0 - 1;
      }
      Map<FeatureOutput, float[]> all = network.extract(images, 5);
      double[] last = Arrays.copyOfRange(images, 4 * SHAPE.size(), images.length);
      Map<FeatureOutput, float[]> alone = network.extract(last, 1);
      for (FeatureOutput output : FeatureOutput.values()) {
        int d = network.dimensions(output);
        assertThat(all.get(output)).hasSize(5 * d);
        assertThat(Arrays.copyOfRange(all.get(output), 4 * d, 5 * d)).isEqualTo(alone.get(output));
      }
      assertThat(network.dimensions(FeatureOutput.SPATIAL)).isEqualTo(2023);
    }
  }

  @Test
  void shouldReadTheModulesOfTheTensorFlowGraph() {
    InceptionTensors found = InceptionTensors.of("file", graph());
    assertThat(found.read("Mixed_7c.branch_pool", InceptionWeights.Part.MEAN, 192)[0])
        .isEqualTo(93.25f);
    assertThat(found.read("Conv2d_1a_3x3", InceptionWeights.Part.BETA, 32)[0]).isEqualTo(0.75f);
    assertThat(found.read("Conv2d_1a_3x3", InceptionWeights.Part.GAMMA, 32)[0]).isOne();
    assertThat(found.read("", InceptionWeights.Part.CLASSIFIER, 1008, 2048)[0]).isEqualTo(-1);
  }

  @Test
  void shouldPassOverKernelsThatAreInNoModule() {
    Map<String, InceptionTensors.Stored> tensors = new LinkedHashMap<>();
    tensors.put("stray", stored(0, 3, 3, 3, 3));
    tensors.putAll(graph());
    InceptionTensors found = InceptionTensors.of("file", tensors);
    assertThat(found.read("Conv2d_1a_3x3", InceptionWeights.Part.BETA, 32)[0]).isEqualTo(0.75f);
  }

  private static Map<String, InceptionTensors.Stored> graph() {
    Map<String, InceptionTensors.Stored> tensors = new LinkedHashMap<>();
    int i = 0;
    for (var unit : InceptionUnits.ALL.entrySet()) {
      String module =
          i == 0 ? "layers.conv" : i == 5 ? "layers.mixed.conv" : "layers.mixed.tower" + i;
      float mark = i++;
      long out = unit.getValue().out();
      tensors.put(module + ".weight", stored(mark, unit.getValue().weightShape()));
      tensors.put(module + ".mean", stored(mark + 0.25f, out));
      tensors.put(module + ".var", stored(mark + 0.5f, out));
      tensors.put(module + ".beta", stored(mark + 0.75f, out));
    }
    tensors.put("output.weight", stored(-1, 1008, 2048));
    return tensors;
  }

  @Test
  void shouldSayWhatIsMissing() {
    Map<String, InceptionTensors.Stored> resnet = new LinkedHashMap<>();
    resnet.put("layer1.0.conv1.weight", stored(0, 64, 64, 1, 1));
    resnet.put("fc.weight", stored(0, 1000, 512));
    refuses(resnet, "376 are missing", "Conv2d_1a_3x3.conv.weight", "layer1.0.conv1.weight");
    Map<String, InceptionTensors.Stored> torchvision = shapes();
    torchvision.put("fc.weight", stored(0, 1000, 2048));
    refuses(torchvision, "PyTorch's own Inception", "pytorch-fid");
    torchvision = shapes();
    torchvision.put("AuxLogits.fc.weight", stored(0, 1000, 768));
    refuses(torchvision, "PyTorch's own Inception");
    Map<String, InceptionTensors.Stored> gap = shapes();
    gap.remove("Mixed_6c.branch7x7_2.bn.running_var");
    refuses(gap, "1 are missing", "Mixed_6c.branch7x7_2.bn.running_var");
    Map<String, InceptionTensors.Stored> turned = shapes();
    turned.put("Mixed_6c.branch7x7_2.conv.weight", stored(0, 160, 160, 7, 1));
    refuses(turned, "[160, 160, 7, 1]", "needs [160, 160, 1, 7]");
    refuses(Map.of(), "it has no tensors");
  }

  @Test
  void shouldRefuseWhatIsNoFileOfWeights() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "not weights at all");
    assertThatThrownBy(() -> FeatureNetworks.open(text.toString(), SHAPE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("neither a file of PyTorch's nor safetensors");
    Map<String, TorchFiles.Values> small =
        Map.of("fc.weight", new TorchFiles.Values(new float[4], 2, 2));
    Path resnet = Files.write(folder.resolve("small.pth"), TorchFiles.stateDict(small));
    assertThatThrownBy(() -> FeatureNetworks.open(resnet.toString(), SHAPE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(resnet.toString())
        .hasMessageContaining("fc.weight");
    assertThatThrownBy(() -> FeatureNetworks.open(resnet + ",resize=none", SHAPE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("tensorflow, pytorch-fid, clean-fid");
    assertThatThrownBy(() -> FeatureNetworks.open(resnet + ",size=3", SHAPE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no setting 'size'");
  }

  private static void refuses(Map<String, InceptionTensors.Stored> tensors, String... reasons) {
    assertThatThrownBy(() -> InceptionTensors.of("file.pth", tensors))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("file.pth")
        .hasMessageContainingAll(reasons);
  }

  private static Map<String, InceptionTensors.Stored> shapes() {
    Map<String, InceptionTensors.Stored> tensors = new LinkedHashMap<>();
    InceptionUnits.ALL.forEach(
        (unit, geometry) -> {
          tensors.put(unit + ".conv.weight", stored(0, geometry.weightShape()));
          for (String part : new String[] {"weight", "bias", "running_mean", "running_var"}) {
            tensors.put(unit + ".bn." + part, stored(0, geometry.out()));
          }
        });
    tensors.put("fc.weight", stored(0, 1008, 2048));
    return tensors;
  }

  private static InceptionTensors.Stored stored(float value, long... shape) {
    return new InceptionTensors.Stored(shape, () -> new float[] {value});
  }

  /** Weights of the right shapes. */
  private static Map<String, TorchFiles.Values> constants() {
    Map<String, TorchFiles.Values> tensors = new LinkedHashMap<>();
    InceptionUnits.ALL.forEach(
        (unit, geometry) -> {
          tensors.put(unit + ".conv.weight", values(geometry.weightShape()));
          for (String part : new String[] {"weight", "bias", "running_mean", "running_var"}) {
            tensors.put(unit + ".bn." + part, values(geometry.out()));
          }
        });
    tensors.put("fc.weight", values(1008, 2048));
    tensors.put("fc.bias", values(1008));
    return tensors;
  }

  private static TorchFiles.Values values(long... shape) {
    int count = 1;
    for (long extent : shape) {
      count *= (int) extent;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (i % 17 + 1) * 0.01f;
    }
    return new TorchFiles.Values(values, shape);
  }
}
