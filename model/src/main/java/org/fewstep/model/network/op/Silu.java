package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@code x * sigmoid(x)} on small arrays, such as embeddings, of any data type. */
public final class Silu {
  private final Buffer sigmoid = new Buffer();
  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private @Nullable INDArray input;
  private @Nullable INDArray gate;

  /**
   * @param x must stay as it is until {@link #backward}
   */
  public INDArray forward(INDArray x) {
    INDArray g = sigmoid.of(x.dataType(), x.shape()).assign(x);
    Transforms.sigmoid(g, false);
    input = x;
    gate = g;
    return x.mul(g, output.of(x.dataType(), x.shape()));
  }

  /** {@code dx = dy * (g + x g (1 - g))} with g = sigmoid(x). */
  public INDArray backward(INDArray dy) {
    INDArray g = Saved.of(gate);
    INDArray slope = g.rsubi(1.0, inputGradient.of(g.dataType(), g.shape()));
    return slope.muli(Saved.of(input)).muli(g).addi(g).muli(dy);
  }

  /** Counts the memory of forward and backward; returns the shape of the output. */
  public static long[] countMemory(StepMemory memory, long... x) {
    memory.keep(x);
    memory.keepGradient(x);
    return memory.keep(x);
  }
}
