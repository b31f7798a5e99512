package org.fewstep.model.network.op;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link Resample} as two matrix products, one for each dimension, for any data type and backend:
 * {@code down(x) = D x D^T} and {@code up(x) = 4 D^T x D}.
 */
final class ComposedFirResample implements Resample.Kernel {
  private final FirFilter filter;

  ComposedFirResample(FirFilter filter) {
    this.filter = filter;
  }

  @Override
  public void up(INDArray x, INDArray y) {
    apply(x, y, matrix(x.size(3), y.size(3), y), matrix(x.size(2), y.size(2), y), false);
    y.muli(4);
  }

  @Override
  public void down(INDArray x, INDArray y) {
    apply(x, y, matrix(y.size(3), x.size(3), y), matrix(y.size(2), x.size(2), y), true);
  }

  private static void apply(
      INDArray x, INDArray y, INDArray columns, INDArray rows, boolean transposed) {
    long planes = x.size(0) * x.size(1);
    INDArray wide = Nd4j.create(y.dataType(), planes * x.size(2), y.size(3));
    ComposedLinear.matmul(
        x.reshape('c', planes * x.size(2), x.size(3)), columns, wide, false, transposed);
    INDArray turned =
        wide.reshape('c', planes, x.size(2), y.size(3))
            .permute(0, 2, 1)
            .dup('c')
            .reshape('c', planes * y.size(3), x.size(2));
    INDArray tall = Nd4j.create(y.dataType(), planes * y.size(3), y.size(2));
    ComposedLinear.matmul(turned, rows, tall, false, transposed);
    y.assign(
        tall.reshape('c', planes, y.size(3), y.size(2)).permute(0, 2, 1).reshape('c', y.shape()));
  }

  private INDArray matrix(long out, long in, INDArray like) {
    return Nd4j.createFromArray(filter.matrix(Math.toIntExact(out), Math.toIntExact(in)))
        .reshape('c', out, in)
        .castTo(like.dataType());
  }
}
