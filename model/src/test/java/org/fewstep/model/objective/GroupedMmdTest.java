package org.fewstep.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;

class GroupedMmdTest {
  private static final double[] Y = {.1, -.2, .3, .5, .4, -.1};
  private static final double[] Z = {.12, -.18, .28, .45, .42, -.05};

  /** Two particles in three dimensions, computed by hand from the definition. */
  @Test
  void shouldGiveTheValueOfTheDefinition() {
    GroupedMmd.Result result =
        new GroupedMmd(2, 3).evaluate(Y, Z, new double[] {4}, new double[] {1});
    assertThat(result.loss()).isCloseTo(0.0692581116581277, within(1e-14));
    assertThat(result.gradient())
        .containsExactly(
            new double[] {-.36194994, -.38688032, .36194994, .41521499, -.1556577, -.41521499},
            within(5e-9));
  }

  @Test
  void shouldBeZeroForEqualSets() {
    GroupedMmd.Result result =
        new GroupedMmd(2, 3).evaluate(Y, Y, new double[] {4}, new double[] {1});
    assertThat(result.loss()).isCloseTo(0, within(1e-15));
    assertThat(result.modelKernel()).isEqualTo(result.targetKernel());
  }

  @Property(tries = 50)
  void shouldHaveTheGradientOfFiniteDifferences(
      @ForAll @IntRange(min = 1, max = 5) int groupSize,
      @ForAll @IntRange(min = 1, max = 6) int dimensions,
      @ForAll @IntRange(min = 1, max = 3) int groups,
      @ForAll @IntRange(max = 1000) int seed) {
    CounterRandom random = CounterRandom.of(seed, Purpose.NOISE, 0);
    double[] y = new double[groups * groupSize * dimensions];
    double[] z = new double[y.length];
    random.fillGaussian(y, 0, y.length, 1);
    random.fillGaussian(z, 0, z.length, 1);
    double[] bandwidth = new double[groups];
    double[] weight = new double[groups];
    for (int g = 0; g < groups; g++) {
      bandwidth[g] = 0.5 + 4 * random.nextDouble();
      weight[g] = 0.5 + 4 * random.nextDouble();
    }
    GroupedMmd mmd = new GroupedMmd(groupSize, dimensions);
    double[] gradient = mmd.evaluate(y, z, bandwidth, weight).gradient();
    double h = 1e-6;
    for (int i = 0; i < y.length; i++) {
      double before = y[i];
      y[i] = before + h;
      double up = mmd.evaluate(y, z, bandwidth, weight).loss();
      y[i] = before - h;
      double down = mmd.evaluate(y, z, bandwidth, weight).loss();
      y[i] = before;
      assertThat(gradient[i]).isCloseTo((up - down) / (2 * h), within(1e-7));
    }
  }

  @Property(tries = 50)
  void shouldNeverBeNegative(
      @ForAll @IntRange(min = 1, max = 5) int groupSize, @ForAll @IntRange(max = 1000) int seed) {
    CounterRandom random = CounterRandom.of(seed, Purpose.NOISE, 1);
    double[] y = new double[groupSize * 4];
    double[] z = new double[y.length];
    random.fillGaussian(y, 0, y.length, 1);
    random.fillGaussian(z, 0, z.length, 1);
    assertThat(
            new GroupedMmd(groupSize, 4).evaluate(y, z, new double[] {2}, new double[] {1}).loss())
        .isGreaterThan(-1e-14);
  }
}
