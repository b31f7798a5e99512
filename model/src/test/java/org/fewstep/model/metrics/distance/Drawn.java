package org.fewstep.model.metrics.distance;

import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;

/** Feature vectors drawn from Gaussians. */
final class Drawn {
  private Drawn() {}

  static float[] floats(long seed, int rows, int dimensions, double mean, double deviation) {
    double[] values = new double[rows * dimensions];
    CounterRandom.of(seed, Purpose.NOISE, 0).fillGaussian(values, 0, values.length, deviation);
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) (mean + values[i]);
    }
    return result;
  }

  static FeatureRows rows(long seed, int rows, int dimensions, double mean, double deviation) {
    return FeatureRows.of(floats(seed, rows, dimensions, mean, deviation), dimensions);
  }
}
