package org.fewstep.model.network.op;

import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link GatedSum} made of ND4J operations alone, for any data type and backend. */
final class ComposedGatedSum implements GatedSum.Kernel {
  private final int gate;

  ComposedGatedSum(int gate) {
    this.gate = gate;
  }

  @Override
  public void forward(INDArray x, INDArray h, INDArray modulation, INDArray y) {
    y.assign(h.mul(Modulation.perToken(modulation, gate, x.size(2))).addi(x));
  }

  @Override
  public void backward(
      INDArray dy, INDArray h, INDArray modulation, INDArray dh, INDArray dModulation) {
    Modulation.part(dModulation, gate, dy.size(2)).assign(dy.mul(h).sum(1));
    dh.assign(dy.mul(Modulation.perToken(modulation, gate, dy.size(2))));
  }
}
