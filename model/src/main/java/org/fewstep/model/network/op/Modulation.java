package org.fewstep.model.network.op;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Parts of a modulation [N, parts * D], each of length D. */
final class Modulation {
  private Modulation() {}

  /** One part as a view [N,D]. */
  static INDArray part(INDArray modulation, int part, long width) {
    return modulation.get(
        NDArrayIndex.all(), NDArrayIndex.interval(part * width, (part + 1) * width));
  }

  /** A copy of one part, to be broadcast over tokens: [N,1,D]. */
  static INDArray perToken(INDArray modulation, int part, long width) {
    return part(modulation, part, width).dup('c').reshape('c', modulation.size(0), 1, width);
  }
}
