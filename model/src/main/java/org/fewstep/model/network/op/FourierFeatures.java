package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.ParameterTable.Role;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Random Fourier features of NCSN++: [sin(2 pi f v), cos(2 pi f v)] with frequencies f drawn once
 * from N(0, 16^2), which belong to the weights but are not trained.
 *
 * <p>A time of 1000 makes angles of 10^5, where float32 resolves 0.01: so the angle is rounded
 * where the official code rounds it, and only its sine is computed in float64.
 */
public final class FourierFeatures implements TimeFeatures {
  private static final double SCALE = 16;
  private static final float FULL_TURN = (float) (2 * Math.PI);

  private final Parameter frequencies;
  private final int half;

  /**
   * @param name official name of the embedding, such as {@code map_noise}
   */
  public FourierFeatures(String name, int channels) {
    this.half = channels / 2;
    this.frequencies =
        Parameter.untrained(Role.BUFFER, name + ".freqs", new Initialiser.Normal(SCALE), half);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(frequencies);
  }

  @Override
  public INDArray of(INDArray times) {
    double[] v = times.reshape(times.length()).toDoubleVector();
    float[] f = frequencies.value().toFloatVector();
    double[] values = new double[v.length * 2 * half];
    for (int n = 0; n < v.length; n++) {
      for (int i = 0; i < half; i++) {
        float angle = (float) v[n] * (FULL_TURN * f[i]);
        values[n * 2 * half + i] = Math.sin(angle);
        values[n * 2 * half + half + i] = Math.cos(angle);
      }
    }
    return Nd4j.createFromArray(values).reshape('c', v.length, 2L * half).castTo(times.dataType());
  }
}
