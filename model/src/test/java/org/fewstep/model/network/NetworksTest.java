package org.fewstep.model.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.dit.DitSize;
import org.fewstep.model.network.dit.DitSpec;
import org.fewstep.model.network.graph.GraphBackedNetwork;
import org.fewstep.model.network.mlp.MlpSpec;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.unet.AdmSpec;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.network.unet.UNetVariant;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What every network keeps, whatever its architecture. */
class NetworksTest {
  private static final double STEP = 1e-5;

  /** Three levels, so that NCSN++'s second way of the image also goes on from its own result. */
  private static final UNetSpec NCSNPP =
      new UNetSpec(
          new ImageShape(2, 8, 8),
          8,
          List.of(1, 1, 2),
          2,
          2,
          1,
          List.of(4),
          0,
          3,
          2,
          true,
          UNetVariant.NCSNPP);

  /** Two heads at the lower level, and none at the upper one, which has too few channels. */
  private static final AdmSpec ADM =
      new AdmSpec(new ImageShape(2, 4, 4), 32, List.of(1, 4), 1, 1, List.of(4, 2), 0, 3, 2, true);

  private static final DitSpec DIT = new DitSpec(new ImageShape(2, 12, 12), 4, 36, 2, 3, 3, true);

  private static final DitSpec UNCONDITIONAL_DIT =
      new DitSpec(new ImageShape(1, 6, 6), 2, 8, 1, 2, 0, false);

  private static final MlpSpec MLP = new MlpSpec(new ImageShape(2, 1, 1), 8, 2, 3, true);

  static Stream<NetworkSpec> networks() {
    return Stream.of(NCSNPP, ADM, DIT, UNCONDITIONAL_DIT, MLP);
  }

  /** Zhou, Ermon, Song 2025, table 5, and the released code's layers. */
  @ParameterizedTest
  @CsvSource({"S, 33_203_728", "B, 131_288_080", "L, 459_399_184", "XL, 676_735_504"})
  void shouldHaveTheOfficialNumberOfParameters(DitSize size, String count) {
    DitSpec spec =
        new DitSpec(
            new ImageShape(4, 32, 32), 2, size.hidden(), size.depth(), size.heads(), 1000, true);

    assertThat(spec.parameters().parameterCount())
        .isEqualTo(Long.parseLong(count.replace("_", "")));
  }

  /** The CIFAR-10 network of the IMM paper with its augmentation labels. */
  @Test
  void shouldHaveTheOfficialTensors() {
    UNetSpec cifar10 =
        new UNetSpec(
            new ImageShape(3, 32, 32),
            128,
            List.of(2, 2, 2),
            4,
            1,
            4,
            List.of(16),
            0.2,
            0,
            9,
            true);
    ParameterTable table = cifar10.parameters();

    assertThat(table.parameterCount()).isEqualTo(56_062_595);
    assertThat(table.entry("dec.32x32_block4.conv0.weight").shape())
        .containsExactly(256, 384, 3, 3);
  }

  @Test
  void shouldCountBuffersApart() {
    ParameterTable table = NCSNPP.parameters();

    assertThat(table.untrained())
        .extracting(ParameterTable.Entry::name)
        .containsExactly("map_noise.freqs", "map_noise_s.freqs");
    assertThat(table.parameterCount()).isEqualTo(table.length() - 16);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void shouldSayBeforehandWhereItsParametersLie(NetworkSpec spec) {
    try (Network network = spec.create(DataType.FLOAT, Kernels.FUSED)) {
      assertThat(network.parameters().entries())
          .usingRecursiveComparison()
          .isEqualTo(spec.parameters().entries());
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void shouldGiveTheSameWithFusedAndComposedKernels(NetworkSpec spec) {
    float[] flat = awake(spec.parameters());
    NetworkInput input = input(spec, 3);
    try (Network fused = spec.create(DataType.FLOAT, Kernels.FUSED);
        Network composed = spec.create(DataType.FLOAT, Kernels.ND4J)) {
      fused.load(flat);
      composed.load(flat);
      double[] y = fused.forward(input, null);
      assertClose(y, composed.forward(input, null), 1e-5);
      float[] ours = new float[flat.length];
      float[] theirs = new float[flat.length];
      fused.backward(y, ours);
      composed.backward(y, theirs);
      for (ParameterTable.Entry entry : spec.parameters().entries()) {
        int from = Math.toIntExact(entry.offset());
        int to = from + entry.length();
        assertThat(relativeError(doubles(ours, from, to), doubles(theirs, from, to)))
            .as(entry.name())
            .isLessThan(1e-4);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void shouldHaveTheGradientOfFiniteDifferences(NetworkSpec spec) {
    NetworkInput input = input(spec, 2);
    try (GraphBackedNetwork network =
        (GraphBackedNetwork) spec.create(DataType.DOUBLE, Kernels.ND4J)) {
      network.load(awake(network.parameters()));
      double[] weights = gaussian(2 * spec.shape().size(), 4);
      network.forward(input, null);
      network.backward(weights);
      double[] gradient =
          network.graph().gradients().reshape(network.parameters().length()).toDoubleVector();
      blocks(network.parameters())
          .forEach(
              (block, entries) -> {
                double[] direction = new double[gradient.length];
                double norm = 0;
                for (ParameterTable.Entry entry : entries) {
                  int from = Math.toIntExact(entry.offset());
                  int to = from + entry.length();
                  CounterRandom.of(6, Purpose.NOISE, from).fillGaussian(direction, from, to, 1);
                  for (int i = from; i < to; i++) {
                    norm += gradient[i] * gradient[i];
                  }
                }
                double up = dot(weights, moved(network, direction, STEP, input));
                double down = dot(weights, moved(network, direction, -STEP, input));
                assertThat(dot(gradient, direction))
                    .as(block)
                    .isCloseTo((up - down) / (2 * STEP), within(2e-5 * Math.sqrt(norm) + 1e-8));
              });
      for (ParameterTable.Entry entry : network.parameters().untrained()) {
        int from = Math.toIntExact(entry.offset());
        assertThat(Arrays.copyOfRange(gradient, from, from + entry.length()))
            .as(entry.name())
            .containsOnly(0);
      }
    }
  }

  /** Trained tensors by the block that they belong to. */
  private static Map<String, List<ParameterTable.Entry>> blocks(ParameterTable table) {
    return table.entries().stream()
        .filter(entry -> entry.role() == ParameterTable.Role.TRAINED)
        .collect(
            Collectors.groupingBy(
                entry ->
                    entry.name().replaceAll("\\.(weight|bias)$", "").replaceAll("\\.\\w+$", ""),
                TreeMap::new,
                Collectors.toList()));
  }

  /** adaLN-Zero: whatever comes in, f is then the identity for Euler's parameterisation. */
  @Test
  void shouldReturnZeroFromAFreshTransformer() {
    try (Network network = DIT.create(DataType.FLOAT, Kernels.FUSED)) {
      network.load(network.parameters().initialise(3));
      assertThat(network.forward(input(DIT, 2), null)).containsOnly(0);
    }
  }

  @Test
  void shouldTakeARowOfZerosForNoClass() {
    NetworkInput some = input(DIT, 2);
    float[] none = new float[2 * DIT.classes()];
    try (Network network = DIT.create(DataType.FLOAT, Kernels.FUSED)) {
      network.load(awake(network.parameters()));
      double[] withoutLabels = network.forward(relabelled(some, null), null);
      assertThat(network.forward(relabelled(some, none), null)).isEqualTo(withoutLabels);
      assertThat(network.forward(some, null)).isNotEqualTo(withoutLabels);
    }
  }

  private static NetworkInput relabelled(NetworkInput input, float[] labels) {
    return new NetworkInput(
        input.count(), input.state(), input.time(), input.secondTime(), labels, input.augment());
  }

  private static double[] moved(
      GraphBackedNetwork network, double[] direction, double distance, NetworkInput input) {
    INDArray parameters = network.graph().parameters();
    INDArray before = parameters.dup();
    parameters.addi(Nd4j.createFromArray(direction).muli(distance).reshape(before.shape()));
    double[] output = network.forward(input, null);
    parameters.assign(before);
    return output;
  }

  /** Official initialisation has layers at zero that would hide errors behind them. */
  private static float[] awake(ParameterTable table) {
    float[] flat = table.initialise(1);
    for (ParameterTable.Entry entry : table.entries()) {
      if (entry.role() == ParameterTable.Role.TRAINED) {
        CounterRandom random = CounterRandom.of(2, Purpose.INITIALISATION, entry.offset());
        boolean weight = entry.shape().length > 1;
        double fanIn = weight ? entry.length() / (double) entry.shape()[0] : 1;
        for (int i = 0; i < entry.length(); i++) {
          flat[Math.toIntExact(entry.offset()) + i] +=
              (float) (0.4 * random.nextGaussian() / Math.sqrt(fanIn));
        }
      }
    }
    return flat;
  }

  private static NetworkInput input(NetworkSpec spec, int count) {
    double[] time = new double[count];
    double[] second = new double[count];
    float[] labels = new float[count * spec.classes()];
    float[] augment = new float[count * spec.augmentDim()];
    for (int n = 0; n < count; n++) {
      time[n] = 0.9 - 0.3 * n;
      second[n] = 0.1 * n;
      if (spec.classes() > 0 && n > 0) {
        labels[n * spec.classes() + n % spec.classes()] = 1;
      }
    }
    for (int i = 0; i < augment.length; i++) {
      augment[i] = 0.3f * i - 0.5f;
    }
    return new NetworkInput(
        count,
        gaussian(count * spec.shape().size(), 9),
        time,
        spec.secondTime() ? second : null,
        spec.classes() > 0 ? labels : null,
        spec.augmentDim() > 0 ? augment : null);
  }

  private static double[] gaussian(int length, long seed) {
    double[] values = new double[length];
    CounterRandom.of(seed, Purpose.NOISE, 0).fillGaussian(values, 0, length, 1);
    return values;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] doubles(float[] values, int from, int to) {
    double[] result = new double[to - from];
    for (int i = from; i < to; i++) {
      result[i - from] = values[i];
    }
    return result;
  }

  private static void assertClose(double[] ours, double[] theirs, double tolerance) {
    assertThat(relativeError(ours, theirs)).isLessThan(tolerance);
  }

  /** In the max norm; against an array of zeros, the largest difference. */
  private static double relativeError(double[] ours, double[] theirs) {
    double largest = Arrays.stream(theirs).map(Math::abs).max().orElseThrow();
    double difference = 0;
    for (int i = 0; i < ours.length; i++) {
      difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    }
    return largest == 0 ? difference : difference / largest;
  }
}
