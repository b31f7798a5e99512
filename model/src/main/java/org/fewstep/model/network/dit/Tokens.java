package org.fewstep.model.network.dit;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Tokens of all images as one matrix and back, without copying. */
final class Tokens {
  private Tokens() {}

  /** [N,T,D] as [N*T,D]. */
  static INDArray flat(INDArray tokens) {
    return tokens.reshape('c', tokens.size(0) * tokens.size(1), tokens.size(2));
  }

  /** [N*T,D] as [N,T,D]. */
  static INDArray of(INDArray flat, long images) {
    return flat.reshape('c', images, flat.size(0) / images, flat.size(1));
  }
}
