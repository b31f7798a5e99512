package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** {@link MultiHeadAttention} made of ND4J operations alone, for any data type and backend. */
final class ComposedAttention implements MultiHeadAttention.Kernel {
  private final int heads;
  private @Nullable INDArray weights;

  ComposedAttention(int heads) {
    this.heads = heads;
  }

  @Override
  public void forward(INDArray qkv, INDArray y) {
    INDArray logits = product(part(qkv, 0), part(qkv, 1), false, true).muli(scale(qkv));
    INDArray w = Nd4j.createUninitialized(logits.dataType(), logits.shape());
    Nd4j.exec(DynamicCustomOp.builder("softmax").addInputs(logits).addOutputs(w).build());
    weights = w;
    join(product(w, part(qkv, 2), false, false), y);
  }

  @Override
  public void backward(INDArray qkv, INDArray dy, INDArray dQkv) {
    INDArray w = Saved.of(weights);
    INDArray dValues = split(dy);
    join(product(w, dValues, true, false), section(dQkv, 2));
    INDArray dw = product(dValues, part(qkv, 2), false, true);
    INDArray dLogits = dw.subi(w.mul(dw).sum(true, 2)).muli(w).muli(scale(qkv));
    join(product(dLogits, part(qkv, 1), false, false), section(dQkv, 0));
    join(product(dLogits, part(qkv, 0), true, false), section(dQkv, 1));
  }

  private double scale(INDArray qkv) {
    return 1 / Math.sqrt(qkv.size(2) / (3.0 * heads));
  }

  /** q, k or v as [N*heads, T, D/heads]. */
  private INDArray part(INDArray qkv, int index) {
    return split(section(qkv, index));
  }

  private static INDArray section(INDArray qkv, int index) {
    long width = qkv.size(2) / 3;
    return qkv.get(
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.interval(index * width, (index + 1) * width));
  }

  private INDArray split(INDArray tokens) {
    long n = tokens.size(0);
    long t = tokens.size(1);
    long width = tokens.size(2) / heads;
    return tokens
        .dup('c')
        .reshape('c', n, t, heads, width)
        .permute(0, 2, 1, 3)
        .dup('c')
        .reshape('c', n * heads, t, width);
  }

  /** {@link #split}, undone, into [N,T,D]. */
  private void join(INDArray parts, INDArray tokens) {
    long n = tokens.size(0);
    long t = tokens.size(1);
    tokens.assign(
        parts
            .reshape('c', n, heads, t, parts.size(2))
            .permute(0, 2, 1, 3)
            .dup('c')
            .reshape('c', tokens.shape()));
  }

  private static INDArray product(INDArray a, INDArray b, boolean transA, boolean transB) {
    INDArray result =
        Nd4j.createUninitialized(
            a.dataType(), a.size(0), a.size(transA ? 2 : 1), b.size(transB ? 1 : 2));
    ComposedLinear.matmul(a, b, result, transA, transB);
    return result;
  }
}
