package org.fewstep.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.dit.DitSpec;
import org.junit.jupiter.api.Test;

class NetworkWorkTest {
  private final List<ParameterTable.Entry> entries = new ArrayList<>();

  @Test
  void shouldCountProductsAtTheResolutionTheyAreAppliedAt() {
    add("map_layer0.weight", 5, 3);
    add("map_layer0.bias", 5);
    add("enc.8x8_conv.weight", 4, 1, 3, 3);
    add("enc.4x4_down.conv0.weight", 4, 4, 3, 3);
    add("enc.4x4_down.norm0.weight", 4);
    add("enc.4x4_down.affine.weight", 4, 5);
    add("enc.4x4_down.proj.weight", 4, 4, 1, 1);

    double linear = 2 * 15 + 2 * 20;
    double convolutions = 2 * 36 * 64 + 2 * 144 * 16 + 2 * 16 * 16;
    double attention = 2 * (2 * 4 * 16 * 16);
    assertThat(NetworkWork.forwardFlops(new ParameterTable(entries), 3))
        .isEqualTo(3 * (linear + convolutions + attention));
  }

  @Test
  void shouldRefuseAConvolutionOfUnknownResolution() {
    add("stem.weight", 4, 1, 3, 3);

    assertThatThrownBy(() -> NetworkWork.forwardFlops(new ParameterTable(entries), 1))
        .hasMessageContaining("stem.weight");
  }

  @Test
  void shouldCountATransformersProductsForEachToken() {
    DitSpec dit = new DitSpec(new ImageShape(1, 4, 4), 2, 4, 1, 1, 0, false);

    double perToken = 4 * 4 + 4 * 12 + 4 * 4 + 2 * 4 * 16 + 4 * 4;
    double once = 256 * 4 + 4 * 4 + 4 * 24 + 4 * 8;
    double attention = 2 * 4 * 4 * 4;
    assertThat(NetworkWork.forwardFlops(dit, 3))
        .isEqualTo(3 * 2 * (4 * perToken + once + attention));
  }

  private void add(String name, long... shape) {
    long offset = entries.stream().mapToLong(ParameterTable.Entry::length).sum();
    entries.add(new ParameterTable.Entry(name, shape, offset, Initialiser.ZERO));
  }
}
