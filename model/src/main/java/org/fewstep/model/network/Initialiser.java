package org.fewstep.model.network;

import org.fewstep.model.random.CounterRandom;

/** How a parameter gets its first values, under the names that EDM's networks use. */
public interface Initialiser {
  /** Fills a tensor of the given shape; draws come from {@code random} in row-major order. */
  void fill(float[] values, long[] shape, CounterRandom random);

  /** All elements equal. */
  record Constant(float value) implements Initialiser {
    @Override
    public void fill(float[] values, long[] shape, CounterRandom random) {
      java.util.Arrays.fill(values, value);
    }
  }

  /**
   * {@code scale * sqrt(6 / (fanIn + fanOut)) * U(-1, 1)} for a weight [out, in, ...kernel]; the
   * fans count the kernel's elements.
   */
  record XavierUniform(double scale) implements Initialiser {
    @Override
    public void fill(float[] values, long[] shape, CounterRandom random) {
      long kernel = 1;
      for (int i = 2; i < shape.length; i++) {
        kernel *= shape[i];
      }
      double bound = scale * Math.sqrt(6.0 / ((shape[0] + shape[1]) * (double) kernel));
      new Uniform(bound).fill(values, shape, random);
    }
  }

  /**
   * {@code gain * sqrt(2 / fanIn) * N(0, 1)} for a weight [out, in, ...kernel] (He et al. 2015).
   */
  record HeNormal(double gain) implements Initialiser {
    @Override
    public void fill(float[] values, long[] shape, CounterRandom random) {
      long fanIn = 1;
      for (int i = 1; i < shape.length; i++) {
        fanIn *= shape[i];
      }
      new Normal(gain * Math.sqrt(2.0 / fanIn)).fill(values, shape, random);
    }
  }

  /** {@code deviation * N(0, 1)}. */
  record Normal(double deviation) implements Initialiser {
    @Override
    public void fill(float[] values, long[] shape, CounterRandom random) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (deviation * random.nextGaussian());
      }
    }
  }

  /** {@code bound * U(-1, 1)}. */
  record Uniform(double bound) implements Initialiser {
    @Override
    public void fill(float[] values, long[] shape, CounterRandom random) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (bound * (2 * random.nextDouble() - 1));
      }
    }
  }

  Initialiser ZERO = new Constant(0);
  Initialiser ONE = new Constant(1);
}
