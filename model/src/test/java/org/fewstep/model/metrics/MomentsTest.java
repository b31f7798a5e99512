package org.fewstep.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;

class MomentsTest {

  @Test
  void shouldGiveMeanAndCovarianceOfThePublicTools() throws IOException {
    MetricsGolden golden = MetricsGolden.load();
    for (String set : new String[] {"a", "b"}) {
      float[] features = golden.floats("features_" + set);
      Moments moments = new Moments(48);
      moments.add(features, features.length / 48);
      assertThat(moments.count()).isEqualTo(set.equals("a") ? 400 : 300);
      assertThat(moments.mean()).containsExactly(golden.doubles("mu_" + set), within(1e-10));
      assertThat(moments.covariance())
          .containsExactly(golden.doubles("sigma_" + set), within(1e-10));
    }
  }

  @Test
  void shouldMatchTheDefinitionWhenVectorsAreDoubles() {
    int d = 7;
    int n = 600;
    double[] features = gaussians(1, n * d);
    Moments moments = new Moments(d);
    moments.add(features, n);

    double[] mean = new double[d];
    for (int i = 0; i < n * d; i++) {
      mean[i % d] += features[i] / n;
    }
    double[] covariance = new double[d * d];
    for (int row = 0; row < n; row++) {
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          covariance[i * d + j] +=
              (features[row * d + i] - mean[i]) * (features[row * d + j] - mean[j]) / (n - 1);
        }
      }
    }
    assertThat(moments.mean()).containsExactly(mean, within(1e-13));
    assertThat(moments.covariance()).containsExactly(covariance, within(1e-13));
  }

  @Test
  void shouldNotDependOnHowTheVectorsAreCutIntoCalls() {
    int d = 16;
    int n = 1000;
    double[] features = gaussians(2, n * d);
    Moments whole = new Moments(d);
    whole.add(features, n);
    Moments cut = new Moments(d);
    for (int from = 0; from < n; from += 37) {
      int rows = Math.min(37, n - from);
      cut.add(Arrays.copyOfRange(features, from * d, (from + rows) * d), rows);
    }
    assertThat(cut.statistics()).isEqualTo(whole.statistics());
  }

  @Test
  void shouldGiveTheMomentsOfTheWholeWhenPartsAreAdded() {
    int d = 16;
    double[] features = gaussians(3, 500 * d);
    Moments whole = new Moments(d);
    whole.add(features, 500);
    Moments first = new Moments(d);
    first.add(features, 123);
    Moments second = new Moments(d);
    second.add(Arrays.copyOfRange(features, 123 * d, 500 * d), 377);

    Statistics firstBefore = first.statistics();
    Moments sum = first.plus(second);
    assertThat(sum.count()).isEqualTo(500);
    assertThat(sum.mean()).containsExactly(whole.mean(), within(1e-13));
    assertThat(sum.covariance()).containsExactly(whole.covariance(), within(1e-13));
    assertThat(first.statistics()).isEqualTo(firstBefore);
  }

  @Test
  void shouldGoOnCountingAfterItWasRead() {
    double[] features = gaussians(4, 30);
    Moments read = new Moments(3);
    read.add(features, 4);
    assertThat(read.statistics().count()).isEqualTo(4);
    read.add(Arrays.copyOfRange(features, 12, 30), 6);
    Moments whole = new Moments(3);
    whole.add(features, 10);
    assertThat(read.covariance()).containsExactly(whole.covariance(), within(1e-13));
  }

  @Test
  void shouldRefuseWhatHasNoAnswer() {
    Moments moments = new Moments(3);
    assertThatThrownBy(moments::mean).isInstanceOf(IllegalStateException.class);
    moments.add(new double[] {1, 2, 3}, 1);
    assertThat(moments.mean()).containsExactly(1, 2, 3);
    assertThatThrownBy(moments::covariance).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> moments.add(new float[5], 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> moments.plus(new Moments(4)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static double[] gaussians(long seed, int length) {
    double[] values = new double[length];
    CounterRandom.of(seed, Purpose.NOISE, 0).fillGaussian(values, 0, length, 1.0);
    return values;
  }
}
