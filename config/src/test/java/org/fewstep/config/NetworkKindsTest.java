package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkKindsTest {
  @Test
  void shouldReadEachKindWithItsDefaults() {
    assertThat(network("kind=unet", "channels=32", "channel-mult=[1,2]", "blocks=1"))
        .isEqualTo(
            new NetworkConfig.UNet(
                32,
                List.of(1, 2),
                1,
                List.of(14),
                0,
                4,
                1,
                NetworkConfig.Embedding.POSITIONAL,
                NetworkConfig.Encoder.STANDARD,
                NetworkConfig.ResampleFilter.BOX,
                0));
    assertThat(
            network("kind=adm", "channels=64", "channel-mult=[1,2]", "attention-resolutions=[7]"))
        .isEqualTo(new NetworkConfig.Adm(64, List.of(1, 2), 1, List.of(7), 0, 4, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "network.channels=224 | 224 channels",
        "network.channels=5 | even",
        "network.dropout=1 | network.dropout",
        "network.heads=2 | network.heads"
      })
  void shouldRefuseAnImpossibleAdm(String setting, String named) {
    assertThatExceptionOfType(UserException.class)
        .isThrownBy(() -> network("kind=adm", "channel-mult=[1,2]", setting.substring(8)))
        .withMessageContaining(named);
  }

  @Test
  void shouldCutImagesIntoWholePatches() {
    NetworkConfig.Dit dit = new NetworkConfig.Dit(4, 48, 2, 4);

    assertThatNoException().isThrownBy(() -> dit.checkFits(32));
    assertThatExceptionOfType(UserException.class)
        .isThrownBy(() -> dit.checkFits(30))
        .withMessageContaining("network.patch-size = 4")
        .withMessageContaining("30 pixels");
    assertThatExceptionOfType(InvalidSetting.class)
        .isThrownBy(() -> new NetworkConfig.Dit(2, 30, 1, 3))
        .withMessageContaining("multiple of 4");
  }

  @Test
  void shouldRefuseOtherDataThanExpected() {
    ExpectedData expected =
        new ExpectedData(OptionalInt.of(3), OptionalInt.of(32), OptionalInt.empty());

    assertThatNoException().isThrownBy(() -> expected.check("x.zip", 3, 32, 10));
    assertThatExceptionOfType(UserException.class)
        .isThrownBy(() -> expected.check("x.zip", 3, 64, 10))
        .withMessage("data.expected.size is 32, but that of data.path = x.zip is 64");
  }

  /** The network of a preset with other settings. */
  private static NetworkConfig network(String... settings) {
    List<String> overrides = List.of(settings).stream().map(s -> "network." + s).toList();
    return RunConfigLoader.load("tiny", overrides).config().network();
  }
}
