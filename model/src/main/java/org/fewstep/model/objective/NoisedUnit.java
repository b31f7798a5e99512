package org.fewstep.model.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * A unit's images, each with one noise: all that is random in it, drawn as functions of the run's
 * seed and the unit's index, whoever asks and whenever. The images of a part of a unit get what
 * they would get in the whole.
 */
public final class NoisedUnit {
  private final Unit unit;
  private final StepModel model;
  private final long seed;
  private final double[] noise;

  /** What is drawn for an image. */
  @FunctionalInterface
  public interface Draw<T> {
    /**
     * @param place of the image in the whole unit
     */
    T from(CounterRandom random, int place);
  }

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
    CounterRandom random = CounterRandom.of(seed, Purpose.NOISE, unit.index());
    random.skipGaussians((long) unit.first() * unit.shape().size());
    random.fillGaussian(noise, 0, noise.length, model.settings().sigmaData());
  }

  /** The unit's global number. */
  public long index() {
    return unit.index();
  }

  /** Number of images. */
  public int count() {
    return unit.count();
  }

  /** Number of images in the whole unit. */
  public int total() {
    return unit.total();
  }

  /** A number for each image, drawn in the order of the unit. */
  public double[] draw(Purpose purpose, ToDoubleFunction<CounterRandom> draw) {
    List<Double> drawn = draw(purpose, 1, (random, place) -> draw.applyAsDouble(random));
    return drawn.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * Something for each image, drawn in the order of the unit.
   *
   * @param groupSize of consecutive images that share one draw
   * @return [N]
   * @throws IllegalArgumentException if these images are not whole groups
   */
  public <T> List<T> draw(Purpose purpose, int groupSize, Draw<T> draw) {
    if (unit.first() % groupSize != 0 || unit.count() % groupSize != 0) {
      throw new IllegalArgumentException(
          "a unit of " + unit.count() + " images is not groups of " + groupSize);
    }
    CounterRandom random = CounterRandom.of(seed, purpose, unit.index());
    List<T> drawn = new ArrayList<>();
    // A draw may take as many numbers as it likes, so what comes before a part is drawn as well.
    for (int place = 0; place < unit.first() + unit.count(); place += groupSize) {
      T one = draw.from(random, place);
      for (int i = 0; i < groupSize && place >= unit.first(); i++) {
        drawn.add(one);
      }
    }
    return drawn;
  }

  /** Key of the dropout masks. */
  public DropoutKey dropout() {
    return new DropoutKey(seed, unit.index(), unit.first());
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
    double[] drawn = draw(Purpose.LABEL_DROP, CounterRandom::nextDouble);
    for (int i = 0; i < unit.count(); i++) {
      if (drawn[i] < withheld) {
        Arrays.fill(rows, i * classes, (i + 1) * classes, 0);
      }
    }
    return rows;
  }
}
