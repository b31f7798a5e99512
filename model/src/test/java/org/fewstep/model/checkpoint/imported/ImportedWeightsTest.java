package org.fewstep.model.checkpoint.imported;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.InitialWeights;
import org.fewstep.model.checkpoint.ModelSource;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.io.pickle.PickleWriter;
import org.fewstep.model.io.pickle.TorchFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImportedWeightsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Path PICKLE = GOLDEN.resolve("unet_small.pkl");
  private static final Path WEIGHTS = GOLDEN.resolve("unet_small.weights.safetensors");
  private static final ImportedWeights.Hints OF_GOLDEN = new ImportedWeights.Hints(WEIGHTS, null);

  @TempDir private Path folder;

  @Test
  void shouldGiveTheSameTensorsBitForBitWhenImportingTheOfficialPickle() {
    Path out = folder.resolve("imported.safetensors");
    ImportedWeights imported = ImportedWeights.read(PICKLE, ImportedWeights.Hints.NONE);
    imported.write(out);

    assertSameAs(WEIGHTS, out);
    assertThat(imported.ignored()).isEmpty();
    try (Safetensors golden = Safetensors.open(WEIGHTS)) {
      String config = golden.metadata().get("config");
      assertThat(imported.spec()).isEqualTo(StepModelSpec.parse(String.valueOf(config), "golden"));
    }
    try (var model = ModelSource.open(out, null).model()) {
      assertThat(model.network().parameters().entries()).hasSize(imported.table().entries().size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "model.", "module.model.", "state_dict.model."})
  void shouldImportFilesOfPyTorchUnderAnyPrefix(String prefix) throws IOException {
    Map<String, TorchFiles.Values> tensors = golden(prefix);
    for (byte[] content :
        new byte[][] {TorchFiles.stateDict(tensors), TorchFiles.legacyStateDict(tensors)}) {
      Path file = Files.write(folder.resolve("weights.pt"), content);
      assertThat(ImportedWeights.read(file, OF_GOLDEN).prefix()).isEqualTo(prefix);
      Path out = folder.resolve("imported.safetensors");
      ImportedWeights.read(file, OF_GOLDEN).write(out);
      assertSameAs(WEIGHTS, out);
    }
  }

  @Test
  void shouldTakeAveragedWeightsOfSafetensorsThatHoldSeveralSets() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    golden("")
        .forEach(
            (name, values) -> {
              tensors.put("ema.model." + name, Tensor.of(values.values(), values.shape()));
              tensors.put(
                  "net.model." + name,
                  Tensor.of(new float[values.values().length], values.shape()));
            });
    Path file = folder.resolve("both.safetensors");
    Safetensors.write(file, tensors, Map.of());

    ImportedWeights imported = ImportedWeights.read(file, OF_GOLDEN);
    assertThat(imported.prefix()).isEqualTo("ema.model.");
    assertThat(imported.leftOut()).isEqualTo(tensors.size() / 2);
    ImportedWeights other =
        ImportedWeights.read(file, new ImportedWeights.Hints(WEIGHTS, "net.model."));
    assertThat(other.flat()).containsOnly(0);
  }

  @Test
  void shouldReadTheArchitectureFromJson() throws IOException {
    Path json = folder.resolve("config.json");
    try (Safetensors golden = Safetensors.open(WEIGHTS)) {
      Files.writeString(json, String.valueOf(golden.metadata().get("config")));
    }
    Path file = Files.write(folder.resolve("w.pth"), TorchFiles.stateDict(golden("")));
    assertThat(ImportedWeights.read(file, new ImportedWeights.Hints(json, null)).flat())
        .isEqualTo(ImportedWeights.read(PICKLE, ImportedWeights.Hints.NONE).flat());
    refuses(file, ImportedWeights.Hints.NONE, "--config");
  }

  @Test
  void shouldListTensorsThatAreMissingSurplusOrMisshapen() throws IOException {
    Map<String, TorchFiles.Values> tensors = golden("model.");
    tensors.remove("model.map_layer0.bias");
    tensors.put("model.map_layer1.bias", new TorchFiles.Values(new float[3], 3));
    tensors.put("model.extra.weight", new TorchFiles.Values(new float[2], 2));
    Path file = Files.write(folder.resolve("other.pt"), TorchFiles.stateDict(tensors));
    refuses(
        file,
        OF_GOLDEN,
        "missing model.map_layer0.bias; misshapen model.map_layer1.bias [3] instead of [64];"
            + " surplus model.extra.weight");
    refuses(
        Files.write(
            folder.resolve("none.pt"),
            TorchFiles.stateDict(Map.of("a", new TorchFiles.Values(new float[1], 1)))),
        OF_GOLDEN,
        "none of the");
  }

  @Test
  void shouldRefuseNamesThatAreTooLongToSearch() throws IOException {
    TorchFiles.Values one = new TorchFiles.Values(new float[1], 1);
    Path file = folder.resolve("dots.pt");
    Files.write(file, TorchFiles.stateDict(Map.of(".".repeat(501), one)));
    refuses(file, OF_GOLDEN, "name has 501 characters");
    refuses(file, new ImportedWeights.Hints(WEIGHTS, "model."), "name has 501 characters");
    Path safetensors = folder.resolve("dots.safetensors");
    Safetensors.write(
        safetensors, Map.of(".".repeat(40_000), Tensor.of(new float[1], 1)), Map.of());
    refuses(safetensors, OF_GOLDEN, "a tensor whose name has 40000 characters");
  }

  @Test
  void shouldRefuseValuesThatAreNotFinite() throws IOException {
    Map<String, TorchFiles.Values> tensors = golden("model.");
    tensors.put(
        "model.dec.16x16_aux_conv.bias", new TorchFiles.Values(new float[] {1, Float.NaN, 2}, 3));
    Path file = Files.write(folder.resolve("nan.pt"), TorchFiles.stateDict(tensors));
    refuses(file, OF_GOLDEN, "NaN in model.dec.16x16_aux_conv.bias");
  }

  /** The official pickle with one name in it replaced by another of the same length. */
  static Stream<Arguments> replaced() {
    return Stream.of(
        Arguments.of("torch_utils.persistence", "torch_utils.persistencf", "persistencf"),
        Arguments.of("_load_from_bytes", "_load_from_bytez", "torch.storage._load_from_bytez"),
        Arguments.of("getattr", "setattr", "asks for builtins.setattr"),
        Arguments.of(
            "builtins\u0094\u008c\u0007getattr",
            "builtins\u0094\u008c\u0007compile",
            "builtins.compile"),
        Arguments.of("IMMPrecond", "VPPrecond!", "class has no usable name"),
        Arguments.of("IMMPrecond", "IMMPreconX", "the preconditioning IMMPreconX"),
        Arguments.of("class_name", "class_nome", "class has no usable name"),
        Arguments.of("ctorch\nFloatStorage", "cposix\nsystem12345", "asks for posix.system12345"),
        Arguments.of("SongUNet", "SongUNot", "SongUNot"),
        Arguments.of(
            "map_layer0\u0094",
            "map_layerX\u0094",
            "missing model.map_layer0.weight, model.map_layer0.bias; surplus"));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("replaced")
  void shouldRefuseInOneSentenceWhenANameInThePickleIsAnother(
      String official, String other, String reason) throws IOException {
    String text = new String(Files.readAllBytes(PICKLE), StandardCharsets.ISO_8859_1);
    assertThat(text).contains(official);
    Path file = folder.resolve("hostile.pkl");
    Files.write(file, text.replace(official, other).getBytes(StandardCharsets.ISO_8859_1));
    refuses(file, ImportedWeights.Hints.NONE, reason);
  }

  static Stream<Arguments> hostile() {
    PickleWriter method =
        PickleWriter.protocol2()
            .global("builtins", "getattr")
            .mark()
            .global("torch.nn.modules.container", "ModuleDict")
            .raw(')', 0x81)
            .text("__class__")
            .tuple()
            .raw('R');
    PickleWriter source =
        PickleWriter.protocol2()
            .global("torch_utils.persistence", "_reconstruct_persistent_obj")
            .raw('}')
            .mark()
            .text("type")
            .text("function")
            .text("module_src")
            .text("import os; os.system('touch /tmp/x')")
            .raw('u', 0x85, 'R');
    PickleWriter texts =
        PickleWriter.protocol2().global("_codecs", "encode").raw('q', 0).text("a".repeat(100_000));
    texts.raw('q', 1).text("latin1").raw('q', 2);
    PickleWriter sets = PickleWriter.protocol2().global("builtins", "set").raw('q', 0, ']').mark();
    for (int i = 0; i < 1000; i++) {
      sets.integer(i);
    }
    sets.raw('e', 'q', 1);
    for (int i = 0; i < 100; i++) {
      texts.raw('h', 0, 'h', 1, 'h', 2, 0x86, 'R');
      sets.raw('h', 0, 'h', 1, 0x85, 'R');
    }
    PickleWriter axes =
        PickleWriter.protocol2()
            .global("numpy.core.numeric", "_frombuffer")
            .mark()
            .raw('C', 1, 0)
            .global("numpy", "dtype")
            .text("u1")
            .raw(0x85, 'R')
            .mark();
    for (int i = 0; i < 65; i++) {
      axes.integer(1);
    }
    return Stream.of(
        Arguments.of("text that is copied often", texts.stop(), "hands around more"),
        Arguments.of("list that is copied often", sets.stop(), "hands around more"),
        Arguments.of("axes", axes.tuple().text("C").tuple().raw('R').stop(), "has 65 axes"),
        Arguments.of("names of shared tensors", shared(), "nested beyond reason"),
        Arguments.of("call of a method", method.raw(')', 'R').stop(), "calls what is no function"),
        Arguments.of(
            "attribute of a function",
            PickleWriter.protocol2()
                .global("builtins", "getattr")
                .mark()
                .global("torch.storage", "_load_from_bytes")
                .text("__globals__")
                .tuple()
                .raw('R')
                .stop(),
            "of what is no module"),
        Arguments.of("source that is to be run", source.stop(), "is of no class"),
        Arguments.of(
            "pickle in a storage",
            PickleWriter.protocol2()
                .global("torch.storage", "_load_from_bytes")
                .raw('B')
                .int32(12)
                .ascii("cos\nsystem\n.")
                .raw(0x85, 'R')
                .stop(),
            "os.system"),
        Arguments.of(
            "item of a set that is none",
            PickleWriter.protocol2().raw(']').mark().integer(1).raw(0x90).stop(),
            "no set"),
        Arguments.of("no module", PickleWriter.protocol2().raw('N').stop(), "--config"));
  }

  /** 400 modules that are one, which has 400 buffers. */
  private static byte[] shared() {
    PickleWriter pickle = PickleWriter.protocol2();
    module(pickle).text("_buffers").raw('}').mark();
    for (int i = 0; i < 400; i++) {
      pickle.text("b" + i).raw('N');
    }
    pickle.raw('u').text("_modules").raw('}', 'u', 'b', 'q', 0, '0');
    module(pickle).text("_modules").raw('}').mark().text("model").raw('h', 0);
    for (int i = 0; i < 400; i++) {
      pickle.text("m" + i).raw('h', 0);
    }
    return pickle.raw('u', 'u', 'b').stop();
  }

  /** A module whose state is to follow. */
  private static PickleWriter module(PickleWriter pickle) {
    return pickle.global("torch.nn.modules.container", "ModuleDict").raw(')', 0x81, '}').mark();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void shouldRefuseInOneSentence(String kind, byte[] pickle, String reason) throws IOException {
    refuses(Files.write(folder.resolve("hostile.pkl"), pickle), ImportedWeights.Hints.NONE, reason);
  }

  @Test
  void shouldRefuseArchitecturesWithoutEnd() throws IOException {
    Path json = folder.resolve("config.json");
    for (String size :
        new String[] {
          "\"num_blocks\": 2000000", "\"model_channels\": 1000000, \"channel_mult\": [1000000]"
        }) {
      Files.writeString(
          json,
          "{\"model_type\": \"SongUNet\", \"img_resolution\": 16, \"img_channels\": 3, "
              + size
              + "}");
      assertThatThrownBy(() -> ImportedWeights.read(WEIGHTS, new ImportedWeights.Hints(json, null)))
          .isInstanceOf(UserException.class)
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void shouldReadOrRefuseWhateverHappensToThePickle() throws IOException {
    byte[] good = Files.readAllBytes(PICKLE);
    Random random = new Random(7);
    int refused = 0;
    Path file = folder.resolve("mutant.pkl");
    for (int i = 0; i < 60; i++) {
      byte[] mutant = good.clone();
      // The first bytes hold most of what is not elements.
      mutant[2 + random.nextInt(4000)] = (byte) random.nextInt();
      if (random.nextInt(10) == 0) {
        mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length));
      }
      Files.write(file, mutant);
      try {
        ImportedWeights.read(file, ImportedWeights.Hints.NONE);
      } catch (UserException e) {
        refused++;
        assertThat(e.getMessage()).doesNotContain("\n");
      }
    }
    assertThat(refused).isBetween(20, 59);
  }

  @Test
  void shouldRefuseInitialWeightsOfAnotherArchitecture() {
    Path other = GOLDEN.resolve("ncsnpp_small.weights.safetensors");
    StepModelSpec ours =
        (StepModelSpec) ImportedWeights.read(PICKLE, ImportedWeights.Hints.NONE).spec();
    assertThat(InitialWeights.find(WEIGHTS, ours).read(ours.network().parameters()))
        .isEqualTo(ImportedWeights.read(PICKLE, ImportedWeights.Hints.NONE).flat());
    assertThatThrownBy(() -> InitialWeights.find(other, ours))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("embedding_type is fourier there and positional here");
    assertThatThrownBy(
            () -> InitialWeights.find(GOLDEN.resolve("edm_small.weights.safetensors"), ours))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("one time");
    assertThatThrownBy(() -> InitialWeights.find(folder.resolve("nothing"), ours))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("nothing");
  }

  private static void refuses(Path file, ImportedWeights.Hints hints, String reason) {
    assertThatThrownBy(() -> ImportedWeights.read(file, hints))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason)
        .hasMessageNotContaining("\n");
  }

  /** The golden weights, under names with another beginning. */
  private static Map<String, TorchFiles.Values> golden(String prefix) {
    Map<String, TorchFiles.Values> tensors = new LinkedHashMap<>();
    try (Safetensors file = Safetensors.open(WEIGHTS)) {
      for (String name : file.names()) {
        tensors.put(
            prefix + name.substring("model.".length()),
            new TorchFiles.Values(file.floats(name), file.shape(name)));
      }
    }
    return tensors;
  }

  private static void assertSameAs(Path expected, Path actual) {
    try (Safetensors golden = Safetensors.open(expected);
        Safetensors ours = Safetensors.open(actual)) {
      assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(golden.names());
      for (String name : golden.names()) {
        assertThat(ours.shape(name)).as(name).isEqualTo(golden.shape(name));
        assertThat(ours.floats(name)).as(name).isEqualTo(golden.floats(name));
      }
    }
  }
}
