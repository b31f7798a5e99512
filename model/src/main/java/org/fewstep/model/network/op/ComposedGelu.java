package org.fewstep.model.network.op;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link GeluTanh} made of ND4J operations alone, for any data type and backend. */
final class ComposedGelu implements GeluTanh.Kernel {
  @Override
  public void forward(INDArray x, INDArray y) {
    y.assign(tanh(x).addi(1).muli(x).muli(0.5));
  }

  /** {@code dx = dy ((1 + t)/2 + x/2 (1 - t^2) scale (1 + 3 cubic x^2))}. */
  @Override
  public void backward(INDArray x, INDArray dy, INDArray dx) {
    INDArray t = tanh(x);
    INDArray inner = x.mul(x).muli(3 * GeluTanh.CUBIC).addi(1).muli(GeluTanh.SCALE);
    INDArray slope = t.mul(t).rsubi(1).muli(x).muli(inner);
    dx.assign(t.addi(1).addi(slope).muli(0.5).muli(dy));
  }

  private static INDArray tanh(INDArray x) {
    INDArray inner = x.mul(x).muli(GeluTanh.CUBIC).addi(1).muli(x).muli(GeluTanh.SCALE);
    return Transforms.tanh(inner, false);
  }
}
