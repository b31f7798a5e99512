package org.fewstep.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.fewstep.model.data.PictureSource;
import org.fewstep.model.io.Png.Pixels;
import org.junit.jupiter.api.Test;

class DataConvertCommandTest {
  private record Source(boolean labelled, List<String> classNames) implements PictureSource {
    @Override
    public int count() {
      return 1;
    }

    @Override
    public int label(int index) {
      return labelled ? 0 : -1;
    }

    @Override
    public String where(int index) {
      return "here";
    }

    @Override
    public Pixels read(int index) {
      return new Pixels(1, 1, 1, new byte[1]);
    }

    @Override
    public boolean isGrey(int index) {
      return true;
    }
  }

  @Test
  void shouldTellLabelsFromTheirNames() {
    List<String> many = IntStream.range(0, 1000).mapToObj(Integer::toString).toList();
    assertThat(classes(false, List.of())).isEqualTo("without labels");
    assertThat(classes(true, List.of())).isEqualTo("with labels");
    assertThat(classes(true, List.of("cat", "dog"))).isEqualTo("in the classes cat, dog");
    assertThat(classes(true, many)).isEqualTo("in 1,000 classes");
    assertThat(classes(false, List.of("cat", "dog"))).isEqualTo("without labels");
  }

  private static String classes(boolean labelled, List<String> names) {
    return DataConvertCommand.classes(new Source(labelled, names));
  }
}
