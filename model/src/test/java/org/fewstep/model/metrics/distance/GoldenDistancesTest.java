package org.fewstep.model.metrics.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import org.fewstep.model.metrics.MetricsGolden;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GoldenDistancesTest {
  private static MetricsGolden golden;
  private static FeatureRows a;
  private static FeatureRows b;

  @BeforeAll
  static void load() throws IOException {
    golden = MetricsGolden.load();
    a = FeatureRows.of(golden.floats("features_a"), 48);
    b = FeatureRows.of(golden.floats("features_b"), 48);
  }

  @Test
  void shouldGiveTheKernelDistanceOfThePublicTools() {
    double expected = golden.doubles("kid_full_subset")[0];
    FeatureRows first300 = FeatureRows.of(Arrays.copyOf(golden.floats("features_a"), 300 * 48), 48);
    KernelDistance.Estimate estimate = KernelDistance.estimate(first300, b, 0);
    assertThat(estimate.value()).isCloseTo(expected, within(1e-5 * Math.abs(expected)));
    assertThat(estimate.standardError()).isNull();
  }

  @Test
  void shouldGiveThePrecisionAndRecallOfThePublicTools() {
    double[] expected = golden.doubles("precision_recall_b_against_a");
    SupportComparison ofA = SupportComparison.of(Neighbourhoods.of(b, 5), a);
    assertThat(new double[] {(float) ofA.precision(), (float) ofA.recall()})
        .containsExactly(expected);
    SupportComparison ofB = SupportComparison.of(Neighbourhoods.of(a, 5), b);
    assertThat(new double[] {(float) ofB.recall(), (float) ofB.precision()})
        .containsExactly(expected);
  }

  @Test
  void shouldGiveTheInceptionScoreOfThePublicTools() {
    double[] expected = golden.doubles("inception_score_10_splits");
    InceptionScore score = InceptionScore.of(FeatureRows.of(golden.floats("logits"), 20));
    assertThat(score.value()).isCloseTo(expected[0], within(1e-6 * expected[0]));
    assertThat(score.standardDeviation()).isCloseTo(expected[1], within(1e-6 * expected[1]));
  }
}
