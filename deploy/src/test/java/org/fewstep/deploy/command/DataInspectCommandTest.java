package org.fewstep.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.fewstep.model.data.ImageShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataInspectCommandTest {
  @ParameterizedTest
  @CsvSource({
    "10, 3, 32, 10",
    "50000, 3, 32, 64",
    "50000, 3, 512, 64",
    "50000, 3, 3345, 1",
    "3, 3, 2000, 3",
    "1, 3, 16384, 1"
  })
  void shouldDrawFewerImagesWhereTheyAreLarge(int count, int channels, int side, int drawn) {
    assertThat(DataInspectCommand.gridImages(count, new ImageShape(channels, side, side)))
        .isEqualTo(drawn);
  }
}
