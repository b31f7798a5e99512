package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@code x * sigmoid(x)} on small arrays, such as embeddings, of any data type. */
public final class Silu {
  private @Nullable INDArray input;
  private @Nullable INDArray gate;

  public INDArray forward(INDArray x) {
    INDArray sigmoid = Transforms.sigmoid(x, true);
    input = x.dup();
    gate = sigmoid;
    return x.mul(sigmoid);
  }

  /** {@code dx = dy * (g + x g (1 - g))} with g = sigmoid(x). */
  public INDArray backward(INDArray dy) {
    INDArray g = Saved.of(gate);
    INDArray slope = g.rsub(1.0).muli(Saved.of(input)).muli(g).addi(g);
    return slope.muli(dy);
  }

  /** Counts the memory of forward and backward; returns the shape of the output. */
  public static long[] countMemory(StepMemory memory, long... x) {
    memory.make(x);
    memory.make(x);
    return memory.make(x);
  }
}
