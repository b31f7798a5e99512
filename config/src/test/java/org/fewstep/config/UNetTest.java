package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UNetTest {

  @ParameterizedTest
  @ValueSource(ints = {28, 14})
  void shouldFitWhenEveryLevelHalvesAndAttentionIsReached(int attention) {
    assertThatCode(() -> unet(32, List.of(1, 2, 2), List.of(attention)).checkFits(28))
        .doesNotThrowAnyException();
  }

  @Test
  void shouldNotFitWhenALevelCannotHalve() {
    assertThatThrownBy(() -> unet(32, List.of(1, 2, 2, 2), List.of()).checkFits(28))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "network.channel-mult has 4 levels, which need an image size that is a multiple of 8,"
                + " but the images are 28 pixels a side");
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 7, 56})
  void shouldNotFitWhenAttentionIsNeverReached(int attention) {
    assertThatThrownBy(() -> unet(32, List.of(1, 2), List.of(attention)).checkFits(28))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "network.attention-resolutions names "
                + attention
                + ", but with images of 28 pixels a side the network works at 28, 14");
  }

  @Test
  void shouldRefuseWidthsThatOnlyASkipConnectionMakesIndivisible() {
    // 96 and 48 normalise well alone; on the way up they meet as 144, no multiple of 32.
    assertThatIllegalArgumentException()
        .isThrownBy(() -> unet(48, List.of(1, 2), List.of()))
        .withMessageContaining("144 channels");
    assertThatCode(() -> unet(40, List.of(1), List.of())).doesNotThrowAnyException();
  }

  private static NetworkConfig.UNet unet(
      int channels, List<Integer> channelMult, List<Integer> attentionResolutions) {
    return new NetworkConfig.UNet(
        channels,
        channelMult,
        1,
        attentionResolutions,
        0,
        4,
        1,
        NetworkConfig.Embedding.POSITIONAL,
        NetworkConfig.Encoder.STANDARD,
        NetworkConfig.ResampleFilter.BOX,
        0);
  }
}
