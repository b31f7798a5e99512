package org.fewstep.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Npz;
import org.fewstep.model.io.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatisticsFileTest {
  private static final Statistics STATISTICS =
      new Statistics(7, new double[] {0.1, 2}, new double[] {1, 0.5, 0.5, 3});

  private static final String EDM2_PICKLE =
      "80027d710028580300000066696471017d71022858020000006d757103636e756d70792e5f63"
          + "6f72652e6d756c746961727261790a5f7265636f6e7374727563740a7104636e756d70790a6e"
          + "6461727261790a71054b00857106635f636f646563730a656e636f64650a7107580100000062"
          + "710858060000006c6174696e31710986710a52710b87710c52710d284b014b0285710e636e75"
          + "6d70790a64747970650a710f5802000000663871108988877111527112284b0358010000003c"
          + "71134e4e4e4affffffff4affffffff4b00747114628968075813000000000000000000c3a03f"
          + "000000000000c3b0c2bf711568098671165271177471186258050000007369676d6171196804"
          + "68054b0085711a680b87711b52711c284b014b024b0286711d68128968075823000000000000"
          + "0000000040000000000000c3903f000000000000c3903f000000000000c3b03f711e68098671"
          + "1f5271207471216275580a0000006e756d5f696d6167657371224d50c3752e";

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
  void shouldTakeTheFormsOfOtherTools() {
    Named two = new Named("two", 2);
    Path edm = folder.resolve("edm.npz");
    Npz.write(
        edm,
        Map.of(
            "mu",
            Tensor.of(STATISTICS.mean(), 2),
            "sigma",
            Tensor.of(STATISTICS.covariance(), 2, 2)));
    Statistics uncounted =
        new Statistics(Statistics.UNCOUNTED, STATISTICS.mean(), STATISTICS.covariance());
    assertThat(StatisticsFile.read(edm, two)).isEqualTo(uncounted);
    Path meanFlow = folder.resolve("meanflow.npz");
    Npz.write(
        meanFlow,
        Map.of(
            "ref_mu",
            Tensor.of(STATISTICS.mean(), 2),
            "ref_sigma",
            Tensor.of(STATISTICS.covariance(), 2, 2)));
    assertThat(StatisticsFile.read(meanFlow, two)).isEqualTo(uncounted);
    // ADM's hold the images too, [N,H,W,3].
    Named colours = new Named("two", 2, new ImageShape(3, 4, 4), false);
    Tensor images = Tensor.of(new byte[5 * 4 * 4 * 3], 5, 4, 4, 3);
    assertThat(StatisticsFile.read(file(Map.of("arr_0", images)), colours)).isEqualTo(STATISTICS);
    Named larger = new Named("two", 2, new ImageShape(3, 8, 8), false);
    refuses(file(Map.of("arr_0", images)), larger, "[5, 4, 4, 3], not of 3x8x8");
  }

  @Test
  void shouldRefuseStatisticsOfImagesOfAnotherSize() {
    Path file = folder.resolve("a.npz");
    StatisticsFile.write(file, STATISTICS, new Named("two", 2));
    refuses(file, new Named("two", 2, new ImageShape(1, 2, 2), false), "[1, 1, 2], not of 1x2x2");
  }

  @Test
  void shouldReadAndWriteSpatialStatistics() {
    Named spatial = new Named("two", 2, new ImageShape(1, 1, 2), true);
    Statistics other = new Statistics(7, new double[] {3, 4}, new double[] {2, 0, 0, 2});
    Path file = folder.resolve("a.npz");
    Map<FeatureOutput, Statistics> both =
        Map.of(FeatureOutput.POOLED, STATISTICS, FeatureOutput.SPATIAL, other);
    StatisticsFile.write(file, both, spatial);
    assertThat(StatisticsFile.readAll(file, "a", spatial)).isEqualTo(both);
    assertThat(Npz.names(file)).contains("mu", "sigma", "mu_s", "sigma_s");
  }

  /** A dictionary of NumPy's arrays, protocol 2, which Python wrote. */
  @Test
  void shouldReadEdm2sPickles() throws IOException {
    Path file = folder.resolve("edm2.pkl");
    Files.write(file, HexFormat.of().parseHex(EDM2_PICKLE));
    Named inception = new Named("two", 2, new ImageShape(1, 1, 2), false, true);
    assertThat(StatisticsFile.read(file, inception))
        .isEqualTo(new Statistics(50_000, new double[] {0.5, -1}, new double[] {2, 0.25, 0.25, 1}));
    refuses(file, new Named("two", 2), "no statistics of two");
    refuses(file, new Named("three", 3, new ImageShape(1, 1, 2), false, true), "3 features");
    byte[] hostile = "cos\nsystem\n(S'ls'\ntR.".getBytes(StandardCharsets.US_ASCII);
    Files.write(file, hostile);
    refuses(file, inception, "asks for os.system");
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

  @Test
  void shouldRefuseNegativeVariancesUnlessTheyAreRoundingErrors() {
    Named two = new Named("two", 2);
    Tensor negative = Tensor.of(new double[] {1, 0, 0, -0.5}, 2, 2);
    refuses(file(Map.of("sigma", negative)), two, "variance -0.5 of feature 1");
    Tensor rounded = Tensor.of(new double[] {1, 0, 0, -1e-15}, 2, 2);
    assertThat(StatisticsFile.read(file(Map.of("sigma", rounded)), two).covariance()[3])
        .isEqualTo(-1e-15);
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
  private record Named(
      String name, int dimensions, ImageShape input, boolean spatial, boolean isStandardInception)
      implements FeatureNetwork {
    Named(String name, int dimensions) {
      this(name, dimensions, new ImageShape(1, 1, 2), false);
    }

    Named(String name, int dimensions, ImageShape input, boolean spatial) {
      this(name, dimensions, input, spatial, false);
    }

    @Override
    public int dimensions(FeatureOutput output) {
      return dimensions;
    }

    @Override
    public Set<FeatureOutput> outputs() {
      return spatial
          ? EnumSet.of(FeatureOutput.POOLED, FeatureOutput.SPATIAL)
          : EnumSet.of(FeatureOutput.POOLED);
    }

    @Override
    public float[] features(double[] images, int count) {
      throw new AssertionError();
    }

    @Override
    public void close() {}
  }
}
