package org.fewstep.model.metrics.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SoftmaxCrossEntropyTest {
  private static final double[] LOGITS = {0.3, -1.2, 2, 0.1, 0.7, -0.4};
  private static final int[] LABELS = {2, 0};

  @Test
  void shouldHaveTheGradientOfFiniteDifferences() {
    double[] gradient = SoftmaxCrossEntropy.of(LOGITS, LABELS, 0.2).gradient();
    for (int i = 0; i < LOGITS.length; i++) {
      double[] above = LOGITS.clone();
      double[] below = LOGITS.clone();
      above[i] += 1e-5;
      below[i] -= 1e-5;
      double difference =
          SoftmaxCrossEntropy.of(above, LABELS, 0.2).loss()
              - SoftmaxCrossEntropy.of(below, LABELS, 0.2).loss();
      assertThat(gradient[i]).isCloseTo(difference / 2e-5, within(1e-9));
    }
  }

  @Test
  void shouldBeMinusTheLogProbabilityOfTheLabelWithoutSmoothing() {
    double sum = Math.exp(0.3) + Math.exp(-1.2) + Math.exp(2);
    SoftmaxCrossEntropy one = SoftmaxCrossEntropy.of(new double[] {0.3, -1.2, 2}, new int[] {1}, 0);
    assertThat(one.loss()).isCloseTo(Math.log(sum) + 1.2, within(1e-12));
    assertThat(one.correct()).isZero();
    assertThat(SoftmaxCrossEntropy.of(LOGITS, LABELS, 0).correct()).isEqualTo(1);
  }

  @Test
  void shouldStayFiniteWhenLogitsAreFarApart() {
    SoftmaxCrossEntropy far = SoftmaxCrossEntropy.of(new double[] {2000, -2000}, new int[] {1}, 0);
    assertThat(far.loss()).isEqualTo(4000);
    assertThat(far.gradient()).containsExactly(1, -1);
  }
}
