package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link GroupNormSilu} made of ND4J operations alone, for any data type and backend. */
final class ComposedGroupNormSilu implements GroupNormSilu.Kernel {
  private final Parameter gamma;
  private final Parameter beta;
  private final int groups;
  private final boolean silu;
  private @Nullable INDArray normalised;
  private @Nullable INDArray inverseDeviation;
  private @Nullable INDArray affine;

  ComposedGroupNormSilu(Parameter gamma, Parameter beta, int groups, boolean silu) {
    this.gamma = gamma;
    this.beta = beta;
    this.groups = groups;
    this.silu = silu;
  }

  @Override
  public void forward(INDArray x, @Nullable INDArray shift, INDArray y) {
    INDArray sum = shift == null ? x : x.add(perImage(shift, x));
    INDArray rows = sum.reshape('c', x.size(0) * groups, x.length() / (x.size(0) * groups));
    INDArray centred = rows.sub(rows.mean(true, 1));
    INDArray variance = centred.mul(centred).mean(true, 1);
    INDArray inverse = Transforms.pow(variance.addi(GroupNormSilu.EPSILON), -0.5, true);
    INDArray xHat = centred.muli(inverse).reshape('c', x.shape());
    INDArray z = xHat.mul(perChannel(gamma.value())).addi(perChannel(beta.value()));
    normalised = xHat;
    inverseDeviation = inverse;
    affine = z;
    y.assign(silu ? Transforms.sigmoid(z, true).muli(z) : z);
  }

  @Override
  public void backward(INDArray dy, INDArray dx, @Nullable INDArray dShift) {
    INDArray xHat = Saved.of(normalised);
    INDArray dz = dy;
    if (silu) {
      INDArray z = Saved.of(affine);
      INDArray gate = Transforms.sigmoid(z, true);
      dz = gate.rsub(1.0).muli(z).muli(gate).addi(gate).muli(dy);
    }
    gamma.gradient().assign(dz.mul(xHat).sum(0, 2, 3));
    beta.gradient().assign(dz.sum(0, 2, 3));
    INDArray inverse = Saved.of(inverseDeviation);
    long[] rowShape = {inverse.size(0), dy.length() / inverse.size(0)};
    INDArray scaled = dz.mul(perChannel(gamma.value())).reshape('c', rowShape);
    INDArray xHatRows = xHat.reshape('c', rowShape);
    INDArray along = scaled.mul(xHatRows).mean(true, 1);
    INDArray rows = scaled.sub(scaled.mean(true, 1)).subi(xHatRows.mul(along)).muli(inverse);
    dx.assign(rows.reshape('c', dy.shape()));
    if (dShift != null) {
      dShift.assign(dx.sum(2, 3));
    }
  }

  private static INDArray perChannel(INDArray vector) {
    return vector.reshape('c', 1, vector.length(), 1, 1);
  }

  private static INDArray perImage(INDArray shift, INDArray x) {
    return Nd4j.toFlattened('c', shift).reshape('c', x.size(0), x.size(1), 1, 1);
  }
}
