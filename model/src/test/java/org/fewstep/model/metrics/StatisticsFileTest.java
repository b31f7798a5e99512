package org.fewstep.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Npz;
import org.fewstep.model.io.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatisticsFileTest {
  private static final Statistics STATISTICS =
      new Statistics(7, new double[] {0.1, 2}, new double[] {1, 0.5, 0.5, 3});

  @TempDir private Path folder;

  @Test
  void shouldReadWhatItWrote() {
    Path file = folder.resolve("a.npz");
    StatisticsFile.write(file, STATISTICS, new Named("two", 2));
    assertThat(StatisticsFile.read(file, new Named("two", 2))).isEqualTo(STATISTICS);
  }

  @Test
  void shouldTakeFilesThatDoNotNameTheirNetwork() {
    assertThat(StatisticsFile.read(file(Map.of()), new Named("two", 2))).isEqualTo(STATISTICS);
  }

  @Test
  void shouldRefuseFeaturesOfAnotherNetwork() {
    Path file = folder.resolve("a.npz");
    StatisticsFile.write(file, STATISTICS, new Named("two", 2));
    assertThatThrownBy(() -> StatisticsFile.read(file, new Named("two@12345678", 2)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("features of two, not of two@12345678");
  }

  @Test
  void shouldNameWhatIsMissingOrMisshapen() {
    Named two = new Named("two", 2);
    Path none = folder.resolve("none.npz");
    Npz.write(none, Map.of("mu", Tensor.of(STATISTICS.mean(), 2)));
    refuses(none, two, "no array named 'sigma'");
    refuses(file(Map.of()), new Named("three", 3), "mu of shape [2], statistics of three need [3]");
    refuses(
        file(Map.of("sigma", Tensor.of(STATISTICS.covariance(), 4))),
        two,
        "sigma of shape [4], statistics of two need [2, 2]");
    refuses(file(Map.of("count", Tensor.of(new double[] {7}))), two, "count as F64");
    refuses(file(Map.of("count", Tensor.of(new long[] {1}))), two, "at least two images");
    refuses(file(Map.of("mu", Tensor.of(new double[] {0, Double.NaN}, 2))), two, "finite numbers");
    refuses(file(Map.of("features", Tensor.of(new long[] {1}, 1))), two, "features as I64");
  }

  private static void refuses(Path file, FeatureNetwork network, String message) {
    assertThatThrownBy(() -> StatisticsFile.read(file, network))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  private Path file(Map<String, Tensor> changed) {
    Map<String, Tensor> arrays = new HashMap<>();
    arrays.put("mu", Tensor.of(STATISTICS.mean(), 2));
    arrays.put("sigma", Tensor.of(STATISTICS.covariance(), 2, 2));
    arrays.put("count", Tensor.of(new long[] {7}));
    arrays.putAll(changed);
    Path file = folder.resolve("changed.npz");
    Npz.write(file, arrays);
    return file;
  }

  /** A network that is never run. */
  private record Named(String name, int dimensions) implements FeatureNetwork {
    @Override
    public ImageShape input() {
      return new ImageShape(1, 1, 2);
    }

    @Override
    public float[] features(double[] images, int count) {
      throw new AssertionError();
    }

    @Override
    public void close() {}
  }
}
