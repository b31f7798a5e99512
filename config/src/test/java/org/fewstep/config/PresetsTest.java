package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {
  static List<String> names() {
    return Presets.names();
  }

  @Test
  void shouldNameEveryPresetThatShips() throws IOException, URISyntaxException {
    Path folder = Path.of(Objects.requireNonNull(Presets.class.getResource("presets")).toURI());
    try (var files = Files.list(folder)) {
      List<String> shipped =
          files.map(file -> file.getFileName().toString().replace(".conf", "")).sorted().toList();
      assertThat(Presets.names()).isEqualTo(shipped);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void shouldSayAtItsHeadHowItIsStarted(String name) {
    assertThat(Resources.text("presets/" + name + ".conf"))
        .startsWith("# ")
        .contains("#   ./fewstep train " + name + "\n");
  }

  @ParameterizedTest
  @MethodSource("names")
  void shouldBeAValidRun(String name) {
    assertThat(RunConfigLoader.load(name, List.of()).config().data().path()).isNotBlank();
  }

  @Test
  void shouldHaveThePublishedSettings() {
    RunConfig imagenet = RunConfigLoader.load("imagenet256", List.of()).config();
    assertThat(imagenet.network()).isEqualTo(new NetworkConfig.Dit(2, 1152, 28, 16));
    assertThat(imagenet.images()).isEqualTo(1_200_000L * 4096);
    RunConfig cifar = RunConfigLoader.load("cifar10", List.of()).config();
    assertThat(cifar.images()).isEqualTo(400_000L * 4096);
    assertThat(cifar.data().expected().describe()).isEqualTo("images of 3x32x32");
    assertThat(imagenet.data().expected().describe())
        .isEqualTo("images of 4x32x32 in 1000 classes");
    for (RunConfig run : List.of(imagenet, cifar)) {
      double decayPerUpdate =
          Math.pow(0.5, run.batch() / (double) run.ema().tracks().get(0).halfLifeImages());
      assertThat(decayPerUpdate).isCloseTo(0.9999, within(1e-8));
    }
  }
}
