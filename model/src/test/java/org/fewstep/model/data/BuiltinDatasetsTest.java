package org.fewstep.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuiltinDatasetsTest {

  @ParameterizedTest
  @CsvSource({
    "fashion-mnist-train-10k, 1000,"
        + " 641176c57d751f825ab6e1de2d7c2f8a61ee770d7d368ef0c792396e7740d1ca",
    "fashion-mnist-test-2k, 200,"
        + " b937d0adf4cedac61d60c7be16aa92676ad57dea23f581c7f007d0ef66d3cc13"
  })
  void shouldHoldAsManyImagesOfEachClass(String name, int perClass, String fingerprint) {
    ImageDataset set = Datasets.open(Datasets.BUILTIN_PREFIX + name);
    assertThat(set.shape()).isEqualTo(new ImageShape(1, 28, 28));
    assertThat(set.classes()).isEqualTo(10);
    assertThat(set.count()).isEqualTo(10 * perClass);
    for (int label = 0; label < 10; label++) {
      int wanted = label;
      assertThat(IntStream.range(0, set.count()).filter(i -> set.label(i) == wanted).count())
          .isEqualTo(perClass);
    }
    assertThat(set.fingerprint()).isEqualTo(fingerprint);
    assertThat(Datasets.firstOfEachClass(set, perClass))
        .containsExactly(IntStream.range(0, set.count()).toArray());
    assertThat(Datasets.BUILTIN_NAMES).contains(name);
  }
}
