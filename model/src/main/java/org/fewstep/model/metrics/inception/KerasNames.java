package org.fewstep.model.metrics.inception;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.op.FixedConv2d.Geometry;

/**
 * Where Keras' Inception-v3 keeps the convolutions of the trunk: numbered from 1 in the order of
 * the network, which is PyTorch's, with kernels [height, width, in, out] and normalisations without
 * scale.
 */
public final class KerasNames {
  /**
   * One tensor.
   *
   * @param keras its name there
   * @param pytorch its name here
   * @param shape here
   * @param kernel whether its axes have to be exchanged
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Entry(String keras, String pytorch, long[] shape, boolean kernel) {}

  private KerasNames() {}

  /** All tensors of the trunk. */
  public static List<Entry> trunk() {
    List<Entry> entries = new ArrayList<>();
    List<String> units = InceptionUnits.trunkNames();
    for (int i = 0; i < units.size(); i++) {
      String unit = units.get(i);
      Geometry geometry = InceptionUnits.geometry(unit);
      long[] vector = {geometry.out()};
      String normalisation = "batch_normalization_" + (i + 1) + "/";
      entries.add(
          new Entry(
              "conv2d_" + (i + 1) + "/kernel",
              unit + ".conv.weight",
              geometry.weightShape(),
              true));
      entries.add(new Entry(normalisation + "beta", unit + ".bn.bias", vector, false));
      entries.add(
          new Entry(normalisation + "moving_mean", unit + ".bn.running_mean", vector, false));
      entries.add(
          new Entry(normalisation + "moving_variance", unit + ".bn.running_var", vector, false));
    }
    return entries;
  }

  /** Exchanges the axes of a kernel: [height, width, in, out] to [out, in, height, width]. */
  public static float[] transpose(float[] kernel, long[] shape) {
    int out = (int) shape[0];
    int in = (int) shape[1];
    int taps = (int) (shape[2] * shape[3]);
    float[] result = new float[kernel.length];
    for (int tap = 0; tap < taps; tap++) {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          result[(o * in + i) * taps + tap] = kernel[(tap * in + i) * out + o];
        }
      }
    }
    return result;
  }
}
