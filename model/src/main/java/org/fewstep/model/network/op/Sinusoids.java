package org.fewstep.model.network.op;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sines and cosines of {@code v f_i} at fixed frequencies falling from 1 to 1/10000, computed in
 * float64 from a time v that was rounded to float32 first, as in the official code.
 */
public final class Sinusoids implements TimeFeatures {
  private static final double MAX_POSITIONS = 10000;

  /** Frequencies and order of the halves. */
  public enum Layout {
    /** [sin, cos] with f_i = 10000^(-i / (half - 1)): EDM's DDPM++, whose halves are swapped. */
    SINES_FIRST,
    /** [cos, sin] with f_i = 10000^(-i / half): ADM and DiT. */
    COSINES_FIRST
  }

  private final int half;
  private final Layout layout;
  private final double[] frequencies;

  public Sinusoids(int channels, Layout layout) {
    this.half = channels / 2;
    this.layout = layout;
    double steps = layout == Layout.SINES_FIRST ? half - 1 : half;
    this.frequencies =
        IntStream.range(0, half).mapToDouble(i -> Math.pow(MAX_POSITIONS, -i / steps)).toArray();
  }

  @Override
  public List<Parameter> parameters() {
    return List.of();
  }

  @Override
  public INDArray of(INDArray times) {
    double[] v = times.reshape(times.length()).toDoubleVector();
    double[] values = new double[v.length * 2 * half];
    boolean sinesFirst = layout == Layout.SINES_FIRST;
    for (int n = 0; n < v.length; n++) {
      double time = (float) v[n];
      int sine = n * 2 * half + (sinesFirst ? 0 : half);
      int cosine = n * 2 * half + (sinesFirst ? half : 0);
      for (int i = 0; i < half; i++) {
        double angle = time * frequencies[i];
        values[sine + i] = Math.sin(angle);
        values[cosine + i] = Math.cos(angle);
      }
    }
    return Nd4j.createFromArray(values).reshape('c', v.length, 2L * half).castTo(times.dataType());
  }
}
