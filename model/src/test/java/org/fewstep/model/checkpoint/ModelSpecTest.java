package org.fewstep.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.interpolant.TimeInput;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.dit.DitSpec;
import org.fewstep.model.network.mlp.MlpSpec;
import org.fewstep.model.network.unet.AdmSpec;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.network.unet.UNetVariant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelSpecTest {
  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);
  private static final StepModel.Settings SETTINGS =
      new StepModel.Settings(
          Schedule.COSINE, Parameterisation.SIMPLE_EDM, SecondTime.GAP, 0.5, 1000);

  @TempDir Path folder;

  static Stream<ModelSpec> models() {
    UNetSpec ncsnpp =
        new UNetSpec(
            SHAPE, 8, List.of(1, 2), 2, 2, 1, List.of(4), 0.1, 3, 9, true, UNetVariant.NCSNPP);
    AdmSpec adm = new AdmSpec(SHAPE, 32, List.of(1, 2), 4, 1, List.of(8), 0.1, 0, 0, true);
    DitSpec dit = new DitSpec(SHAPE, 4, 24, 2, 3, 10, true);
    AdmSpec oneTime = new AdmSpec(SHAPE, 32, List.of(1, 2), 4, 1, List.of(8), 0.1, 5, 0, false);
    StepModelSpec mlp =
        new StepModelSpec(
            new MlpSpec(new ImageShape(2, 1, 1), 8, 2, 3, false),
            new StepModel.Settings(
                Schedule.LINEAR_BETA,
                Parameterisation.EPSILON,
                SecondTime.TARGET,
                0.5,
                TimeInput.LOG_NOISE,
                1),
            0.001,
            1);
    return Stream.of(step(ncsnpp), step(adm), step(dit), mlp, new DenoiserSpec(oneTime, 0.5));
  }

  private static StepModelSpec step(NetworkSpec network) {
    return new StepModelSpec(network, SETTINGS, 0.001, 0.996);
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldReadWhatItWrote(ModelSpec spec) {
    assertThat(ModelSpec.parse(spec.toJson(), "x").spec()).isEqualTo(spec);
  }

  @ParameterizedTest
  @MethodSource("models")
  void shouldGiveBackTheWeightsOfAFile(ModelSpec spec) {
    ParameterTable table = spec.network().parameters();
    float[] flat = table.initialise(7);
    Path file = folder.resolve("weights.safetensors");
    Weights.write(file, spec, table, flat, Map.of());

    try (Safetensors open = Safetensors.open(file)) {
      assertThat(Weights.read(file, open, table)).isEqualTo(flat);
    }
  }

  @Test
  void shouldRefuseWeightsThatAreNotFinite() {
    ModelSpec spec = models().findFirst().orElseThrow();
    ParameterTable table = spec.network().parameters();
    float[] flat = table.initialise(7);
    ParameterTable.Entry last = table.entries().get(table.entries().size() - 1);
    flat[(int) last.offset()] = Float.NEGATIVE_INFINITY;
    Path file = folder.resolve("weights.safetensors");
    Weights.write(file, spec, table, flat, Map.of());
    assertThatThrownBy(() -> ModelSource.open(file, null))
        .isInstanceOf(UserException.class)
        .hasMessage("%s holds -Infinity in model.%s".formatted(file, last.name()));
    InitialWeights initial = InitialWeights.find(file, (StepModelSpec) spec);
    assertThatThrownBy(() -> initial.read(table))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("-Infinity");
  }

  @Test
  void shouldCompareAFileWithItsHeaderBeforeBuildingTheNetwork() {
    // More than 10^9 parameters, of which the file has none.
    DitSpec large = new DitSpec(SHAPE, 4, 8000, 1, 1, 0, true);
    Path file = folder.resolve("claim.safetensors");
    Safetensors.write(
        file,
        Map.of("a", Tensor.of(new float[1], 1)),
        Map.of(ModelSpec.METADATA_KEY, step(large).toJson()));
    assertThatThrownBy(() -> ModelSource.open(file, null))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file + " lacks tensors of its network: model.");
  }

  @Test
  void shouldListAFewOfManyMissingTensors() {
    ModelSpec spec = models().findFirst().orElseThrow();
    Path file = folder.resolve("none.safetensors");
    Safetensors.write(
        file,
        Map.of("a", Tensor.of(new float[1], 1)),
        Map.of(ModelSpec.METADATA_KEY, spec.toJson()));
    int tensors = spec.network().parameters().entries().size();
    assertThatThrownBy(() -> ModelSource.open(file, null))
        .isInstanceOf(UserException.class)
        .hasMessageEndingWith(" and %d more".formatted(tensors - 20))
        .satisfies(e -> assertThat(e.getMessage().split(", ")).hasSize(20));
  }

  @Test
  void shouldKnowTheOfficialSizesOfDiT() {
    String json =
        "{\"model_type\":\"DiT_XL_4\",\"img_resolution\":32,\"img_channels\":4,"
            + "\"label_dim\":1000,\"s_embed\":true}";

    assertThat(StepModelSpec.parse(json, "x").network())
        .isEqualTo(new DitSpec(new ImageShape(4, 32, 32), 4, 1152, 28, 16, 1000, true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"model_type\":\"UViT\"|networks of type UViT are not built",
        "\"model_type\":\"SongUNet\",\"encoder_type\":\"skip\"|encoder_type skip is not built",
        "\"model_type\":\"SongUNet\",\"decoder_type\":\"skip\"|decoder_type skip is not built",
        "\"model_type\":\"SongUNet\",\"precond\":\"VEPrecond\"|VEPrecond is not built"
      })
  void shouldSayWhatIsNotBuilt(String config, String why) {
    String json = "{\"img_resolution\":8,\"img_channels\":3," + config + "}";

    ModelSpec.Parsed parsed = ModelSpec.parse(json, "x");

    assertThat(parsed.spec()).isNull();
    assertThat(parsed.notSupported()).contains(why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"patch_size\":3|patches of 3",
        "\"num_heads\":5|5 heads",
        "\"depth\":-1|depth",
        "\"hidden_size\":1154,\"num_heads\":2|1154"
      })
  void shouldRefuseAnImpossibleTransformer(String config, String named) {
    String json = "{\"model_type\":\"DiT\",\"img_resolution\":8,\"img_channels\":4," + config + "}";

    assertThatThrownBy(() -> ModelSpec.parse(json, "w.safetensors"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("w.safetensors")
        .hasMessageContaining(named);
  }

  @Test
  void shouldNotTakeADenoiserForAStepModel() {
    String json =
        models().filter(DenoiserSpec.class::isInstance).findFirst().orElseThrow().toJson();

    assertThatThrownBy(() -> StepModelSpec.parse(json, "w.safetensors"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("w.safetensors cannot be used")
        .hasMessageContaining("denoiser");
  }
}
