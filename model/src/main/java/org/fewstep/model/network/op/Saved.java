package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a forward pass keeps for its backward pass. */
final class Saved {
  private Saved() {}

  static INDArray of(@Nullable INDArray saved) {
    if (saved == null) {
      throw new IllegalStateException("backward was called before forward");
    }
    return saved;
  }
}
