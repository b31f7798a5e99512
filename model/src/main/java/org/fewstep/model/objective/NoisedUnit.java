package org.fewstep.model.objective;

import java.util.Arrays;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * A unit's images, each with one noise: all that is random in it, drawn as functions of the run's
 * seed and the unit's index, whoever asks and whenever.
 */
public final class NoisedUnit {
  private final Unit unit;
  private final StepModel model;
  private final long seed;
  private final double[] noise;

  /**
   * Draws the noise, N(0, sigmaData^2 I).
   *
   * @param seed the run's
   */
  public NoisedUnit(Unit unit, StepModel model, long seed) {
    this.unit = unit;
    this.model = model;
    this.seed = seed;
    this.noise = new double[unit.images().length];
    random(Purpose.NOISE).fillGaussian(noise, 0, noise.length, model.settings().sigmaData());
  }

  /** Number of images. */
  public int count() {
    return unit.count();
  }

  /** The stream of numbers for a purpose, at its beginning. */
  public CounterRandom random(Purpose purpose) {
    return CounterRandom.of(seed, purpose, unit.index());
  }

  /** Key of the dropout masks. */
  public DropoutKey dropout() {
    return new DropoutKey(seed, unit.index());
  }

  /**
   * The states {@code x_t = alpha_t x + sigma_t eps} at one time for each image.
   *
   * @return [N*D], a fresh array
   */
  public double[] at(double[] times) {
    Schedule schedule = model.settings().schedule();
    int size = unit.shape().size();
    double[] images = unit.images();
    double[] states = new double[images.length];
    for (int i = 0; i < times.length; i++) {
      double alpha = schedule.alpha(times[i]);
      double sigma = schedule.sigma(times[i]);
      for (int d = i * size; d < (i + 1) * size; d++) {
        states[d] = alpha * images[d] + sigma * noise[d];
      }
    }
    return states;
  }

  /** One-hot labels [N*classes], zero rows for images without; null for a model without classes. */
  public float @Nullable [] labels() {
    int classes = model.network().classes();
    if (classes == 0) {
      return null;
    }
    float[] rows = new float[unit.count() * classes];
    for (int i = 0; i < unit.count(); i++) {
      if (unit.labels()[i] >= 0) {
        rows[i * classes + unit.labels()[i]] = 1;
      }
    }
    return rows;
  }

  /** {@link #labels} of which each is withheld with a probability. */
  public float @Nullable [] labels(double withheld) {
    float[] rows = labels();
    if (rows == null) {
      return null;
    }
    int classes = model.network().classes();
    CounterRandom random = random(Purpose.LABEL_DROP);
    for (int i = 0; i < unit.count(); i++) {
      if (random.nextDouble() < withheld) {
        Arrays.fill(rows, i * classes, (i + 1) * classes, 0);
      }
    }
    return rows;
  }
}
