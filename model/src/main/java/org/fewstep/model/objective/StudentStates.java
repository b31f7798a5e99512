package org.fewstep.model.objective;

import java.util.List;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.Posterior;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * What both forms of moment matching distillation begin with (Salimans, Mensink, Heek, Hoogeboom,
 * "Multistep distillation of diffusion models via moment matching", NeurIPS 2024): states z_s that
 * lie one bridge behind the student's images.
 *
 * <p>A time s is drawn, and t = min(s + delta, tMax) with delta even in [0, 1/k] of the time range,
 * so that t is tMax in a share 1/(2k) of the draws and pure noise is learnt too. The student makes
 * an image x~ of the noised data z_t, and z_s is drawn from the posterior q(z_s | z_t, x~).
 *
 * <p>The posterior's fresh noise is what makes the method work: without it, z_s tells z_t, so the
 * mean of x~ given z_s is x~ itself, and the only images whose means are the teacher's are those
 * means, which are blurred.
 */
public final class StudentStates {
  private final StepModel student;
  private final Settings settings;

  /**
   * How states are drawn.
   *
   * @param times law of s
   * @param tMax largest time
   * @param span longest step t - s
   * @param weight w(s)
   * @param freshNoise whether z_s is drawn from the posterior, or by DDIM's step
   * @param seed the run's seed
   */
  public record Settings(
      TimeLaw times,
      double tMax,
      double span,
      DenoisingWeight weight,
      boolean freshNoise,
      long seed) {}

  /**
   * N states and the images behind them.
   *
   * @param image x~, [N*D]; the student's last forward
   * @param state z_s, [N*D]
   * @param s their times, [N]
   * @param weight w(s), [N]
   * @param labels one-hot rows, null without classes
   */
  @SuppressWarnings("ArrayRecordComponent") // lives within one evaluation
  record Drawn(
      double[] image, double[] state, double[] s, double[] weight, float @Nullable [] labels) {
    /** The mean of the data that a denoiser gives at the states; a backward may follow. */
    double[] denoised(StepModel denoiser) {
      return denoiser.apply(state, s, new double[s.length], labels, null, null);
    }
  }

  public StudentStates(StepModel student, Settings settings) {
    this.student = student;
    this.settings = settings;
  }

  StepModel student() {
    return student;
  }

  private record Times(double s, double t) {}

  /** The states of a unit's images. */
  Drawn draw(Unit unit) {
    NoisedUnit noised = new NoisedUnit(unit, student, settings.seed());
    List<Times> times =
        noised.draw(
            Purpose.TIME,
            1,
            (random, place) -> {
              double s = settings.times().draw(random);
              return new Times(
                  s, Math.min(s + settings.span() * random.nextDouble(), settings.tMax()));
            });
    double[] s = times.stream().mapToDouble(Times::s).toArray();
    double[] t = times.stream().mapToDouble(Times::t).toArray();
    float @Nullable [] labels = noised.labels();
    double[] later = noised.at(t);
    double[] image = student.apply(later, t, new double[t.length], labels, null, null);
    int size = unit.shape().size();
    double[] noise = new double[image.length];
    CounterRandom random = CounterRandom.of(settings.seed(), Purpose.BRIDGE, unit.index());
    random.skipGaussians((long) unit.first() * size);
    random.fillGaussian(noise, 0, noise.length, student.settings().sigmaData());
    double[] state = new double[image.length];
    double[] weight = new double[s.length];
    Schedule schedule = student.settings().schedule();
    for (int n = 0; n < s.length; n++) {
      Posterior bridge =
          settings.freshNoise()
              ? Posterior.of(schedule, s[n], t[n])
              : Posterior.deterministic(schedule, s[n], t[n]);
      double deviation = Math.sqrt(bridge.variance());
      for (int i = n * size; i < (n + 1) * size; i++) {
        state[i] = bridge.ofState() * later[i] + bridge.ofData() * image[i] + deviation * noise[i];
      }
      weight[n] = settings.weight().at(student.settings(), s[n]);
    }
    return new Drawn(image, state, s, weight, labels);
  }

  /**
   * Ends an evaluation that drew states: the loss is the mean over images of w(s) times the mean
   * over pixels of {@code x~ direction}, and the student learns from it through x~ alone.
   *
   * @param direction for each number of the images, a constant
   */
  UnitStatistics follow(Drawn drawn, double[] direction, float[] gradient) {
    double[] outputGradient = new double[direction.length];
    int size = student.shape().size();
    double loss = 0;
    for (int i = 0; i < direction.length; i++) {
      outputGradient[i] = drawn.weight()[i / size] * direction[i] / direction.length;
      loss += drawn.image()[i] * outputGradient[i];
    }
    student.backward(outputGradient, gradient);
    return UnitStatistics.ofLoss(loss);
  }
}
