package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;

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
}
