package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sizes of [N,T,D]. */
final class TokenShape {
  final int images;
  final int tokens;
  final int width;

  TokenShape(INDArray x) {
    images = Math.toIntExact(x.size(0));
    tokens = Math.toIntExact(x.size(1));
    width = Math.toIntExact(x.size(2));
  }

  /** A copy of one image's part of a modulation [N, parts * D]. */
  float[] part(INDArray modulation, int image, int part) {
    float[] values = new float[width];
    NativeMemory.buffer(modulation).get(start(modulation, image, part), values);
    return values;
  }

  /** Writes one image's part of a modulation. */
  void putPart(INDArray modulation, int image, int part, float[] values) {
    FloatBuffer to = NativeMemory.buffer(modulation);
    to.put(start(modulation, image, part), values);
  }

  private int start(INDArray modulation, int image, int part) {
    return Math.toIntExact(image * modulation.size(1)) + part * width;
  }
}
