package org.fewstep.model.verify;

import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.Network;
import org.jspecify.annotations.Nullable;

/** A model as golden files describe its inputs and outputs. */
interface GoldenModel extends AutoCloseable {
  Network network();

  /** What became of the file's inputs, [N*D]. */
  double[] apply(Safetensors io);

  /** Of the last {@link #apply}. */
  void backward(double[] outputGradient, float[] gradient);

  /**
   * Compares all samples in a file.
   *
   * @return whether there were any
   */
  boolean sample(Safetensors file, MaxRelativeError error);

  @Override
  void close();

  /** A tensor that a file may lack. */
  static float @Nullable [] optional(Safetensors file, String name) {
    return file.names().contains(name) ? file.floats(name) : null;
  }
}
