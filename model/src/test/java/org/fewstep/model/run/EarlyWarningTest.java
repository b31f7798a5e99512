package org.fewstep.model.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.fewstep.model.run.EarlyWarning.Warning;
import org.junit.jupiter.api.Test;

class EarlyWarningTest {
  private final EarlyWarning watch = new EarlyWarning();
  private final CounterRandom random = CounterRandom.of(1, Purpose.NOISE, 0);

  @Test
  void shouldBeQuietThroughALongHealthyRun() {
    assertThat(healthy(0, 3000)).isEmpty();
    assertThat(watch.tick(3001, Double.NaN, Double.NaN, Double.NaN, Double.NaN)).isEmpty();
  }

  @Test
  void shouldTellWhenParticlesBecomeOneImage() {
    healthy(0, 100);
    List<Warning> given = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      double kernel = Math.min(0.999, 0.77 + 0.05 * i);
      given.addAll(watch.tick(100 + i, 0.02, kernel, kernel, kernel - 0.003));
    }

    assertThat(given).extracting(Warning::signal).containsExactly("kernel_model", "kernel_cross");
    Warning first = given.get(0);
    assertThat(first.images()).isBetween(104L, 108L);
    assertThat(first.sinceImages()).isBetween(100L, 104L);
    assertThat(first.sentence()).contains("usually 0.7", "grids", "optimizer.lr");
  }

  @Test
  void shouldTellWhenTheLossRunsAwayAndAgainAfterItWasWell() {
    healthy(0, 50);
    List<Warning> given = new ArrayList<>();
    for (int times = 0; times < 2; times++) {
      for (int i = 0; i < 5; i++) {
        given.addAll(watch.tick(60 + times * 100 + i, 0.5, 0.77, 0.77, 0.76));
      }
      given.addAll(healthy(70 + times * 100, 5));
    }

    assertThat(given).extracting(Warning::signal).containsExactly("loss", "loss");
    assertThat(given).extracting(Warning::images).containsExactly(62L, 162L);
  }

  @Test
  void shouldSayAtOnceThatOneParticleHoldsNothingApart() {
    assertThat(watch.tick(64, 0.1, 0.9999, 0.9999, 0.9))
        .singleElement()
        .satisfies(warning -> assertThat(warning.sentence()).contains("objective.group-size"));
    assertThat(watch.tick(128, 0.1, 1, 1, 0.9)).isEmpty();
  }

  @Test
  void shouldTellWhenAScoreFallsFarBelowItsBest() {
    assertThat(scores("precision[x]", 0.1, 0.42, 0.6, 0.55, 0.4)).isEmpty();
    assertThat(scores("precision[x]", 0.25, 0.2))
        .singleElement()
        .satisfies(
            warning -> {
              assertThat(warning.signal()).isEqualTo("precision[x]");
              assertThat(warning.images()).isEqualTo(1000);
              assertThat(warning.sentence()).contains("fell to 0.2500 from 0.6000", "grids");
            });
    assertThat(scores("FD[x]", 30, 20, 10, 14)).isEmpty();
    assertThat(scores("FD[x]", 16)).extracting(Warning::signal).containsExactly("FD[x]");
    assertThat(scores("recall[x]", 0.02, 0.005)).as("within chance").isEmpty();
    assertThat(scores("KD[x]", -0.0001, 0.0002)).as("noise about 0").isEmpty();
    assertThat(scores("IS[x]", Double.NaN))
        .singleElement()
        .satisfies(warning -> assertThat(warning.sentence()).contains("no number"));
  }

  private List<Warning> scores(String metric, double... values) {
    List<Warning> given = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      given.addAll(watch.score(score(metric, values[i], 1000 * (i + 1))));
    }
    return given;
  }

  private static Score score(String metric, double value, long images) {
    return new Score(
        metric,
        value,
        4,
        4,
        500,
        "x",
        "y",
        "ema",
        images,
        images,
        "pushforward",
        "uniform",
        1,
        0,
        null,
        null,
        null,
        1);
  }

  /** Ticks as a run of Fashion-MNIST has them: a slow drift under the noise of the drawn times. */
  private List<Warning> healthy(long from, int ticks) {
    List<Warning> given = new ArrayList<>();
    for (int i = 1; i <= ticks; i++) {
      double kernel = 0.78 - 0.00003 * i + 0.03 * random.nextGaussian();
      double loss = 0.02 + 0.06 / i + 0.003 * random.nextGaussian();
      given.addAll(watch.tick(from + i, loss, kernel, kernel, kernel - loss / 5));
    }
    return given;
  }
}
