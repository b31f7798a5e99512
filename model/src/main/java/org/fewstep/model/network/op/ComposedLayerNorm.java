package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link ModulatedLayerNorm} made of ND4J operations alone, for any data type and backend. */
final class ComposedLayerNorm implements ModulatedLayerNorm.Kernel {
  private final ModulatedLayerNorm.Parts parts;
  private @Nullable INDArray normalised;
  private @Nullable INDArray inverseDeviation;
  private @Nullable INDArray factor;

  ComposedLayerNorm(ModulatedLayerNorm.Parts parts) {
    this.parts = parts;
  }

  @Override
  public void forward(INDArray x, INDArray modulation, INDArray y) {
    INDArray centred = x.sub(x.mean(true, 2));
    INDArray variance = centred.mul(centred).mean(true, 2);
    INDArray inverse = Transforms.pow(variance.addi(ModulatedLayerNorm.EPSILON), -0.5, true);
    INDArray xHat = centred.muli(inverse);
    INDArray scale = Modulation.perToken(modulation, parts.scale(), x.size(2)).addi(1);
    normalised = xHat;
    inverseDeviation = inverse;
    factor = scale;
    y.assign(xHat.mul(scale).addi(Modulation.perToken(modulation, parts.shift(), x.size(2))));
  }

  @Override
  public void backward(INDArray dy, INDArray dx, INDArray dModulation) {
    INDArray xHat = Saved.of(normalised);
    long width = dy.size(2);
    Modulation.part(dModulation, parts.scale(), width).assign(dy.mul(xHat).sum(1));
    Modulation.part(dModulation, parts.shift(), width).assign(dy.sum(1));
    INDArray scaled = dy.mul(Saved.of(factor));
    INDArray along = scaled.mul(xHat).mean(true, 2);
    dx.assign(
        scaled.sub(scaled.mean(true, 2)).subi(xHat.mul(along)).muli(Saved.of(inverseDeviation)));
  }
}
