package org.fewstep.model.network.op;

import org.fewstep.model.network.op.GroupNormSilu.Conditioning;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link GroupNormSilu} made of ND4J operations alone, for any data type and backend. */
final class ComposedGroupNormSilu implements GroupNormSilu.Kernel {
  private final Parameter gamma;
  private final Parameter beta;
  private final GroupNormSilu.Form form;
  private @Nullable INDArray normalised;
  private @Nullable INDArray inverseDeviation;
  private @Nullable INDArray factor;
  private @Nullable INDArray activated;

  ComposedGroupNormSilu(Parameter gamma, Parameter beta, GroupNormSilu.Form form) {
    this.gamma = gamma;
    this.beta = beta;
    this.form = form;
  }

  @Override
  public void forward(INDArray x, @Nullable INDArray condition, INDArray y) {
    INDArray sum = x;
    if (condition != null && form.conditioning() == Conditioning.SHIFT) {
      sum = x.add(perImage(condition, x));
    }
    long images = x.size(0) * form.groups();
    INDArray rows = sum.reshape('c', images, x.length() / images);
    INDArray centred = rows.sub(rows.mean(true, 1));
    INDArray variance = centred.mul(centred).mean(true, 1);
    INDArray inverse = Transforms.pow(variance.addi(form.epsilon()), -0.5, true);
    INDArray xHat = centred.muli(inverse).reshape('c', x.shape());
    INDArray z = xHat.mul(perChannel(gamma.value())).addi(perChannel(beta.value()));
    factor = null;
    if (condition != null && form.conditioning() == Conditioning.SCALE_AND_SHIFT) {
      factor = perImage(half(condition, 0), x).addi(1);
      z = z.muli(factor).addi(perImage(half(condition, 1), x));
    }
    normalised = xHat;
    inverseDeviation = inverse;
    activated = z;
    y.assign(form.silu() ? Transforms.sigmoid(z, true).muli(z) : z);
  }

  @Override
  public void backward(INDArray dy, INDArray dx, @Nullable INDArray dCondition) {
    INDArray xHat = Saved.of(normalised);
    INDArray dz = dy;
    if (form.silu()) {
      INDArray z = Saved.of(activated);
      INDArray gate = Transforms.sigmoid(z, true);
      dz = gate.rsub(1.0).muli(z).muli(gate).addi(gate).muli(dy);
    }
    if (factor != null && dCondition != null) {
      INDArray norm = xHat.mul(perChannel(gamma.value())).addi(perChannel(beta.value()));
      half(dCondition, 0).assign(norm.muli(dz).sum(2, 3));
      half(dCondition, 1).assign(dz.sum(2, 3));
      dz = dz.mul(factor);
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
    if (dCondition != null && form.conditioning() == Conditioning.SHIFT) {
      dCondition.assign(dx.sum(2, 3));
    }
  }

  private INDArray half(INDArray condition, int index) {
    long from = (long) index * form.channels();
    return condition.get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + form.channels()));
  }

  private static INDArray perChannel(INDArray vector) {
    return vector.reshape('c', 1, vector.length(), 1, 1);
  }

  private static INDArray perImage(INDArray shift, INDArray x) {
    return Nd4j.toFlattened('c', shift).reshape('c', x.size(0), x.size(1), 1, 1);
  }
}
