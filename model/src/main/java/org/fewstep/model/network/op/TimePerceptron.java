package org.fewstep.model.network.op;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Two layers of one time's features: {@code layer1(silu(layer0(features)))}. */
public final class TimePerceptron {
  private final Linear layer0;
  private final Linear layer1;
  private final Silu silu = new Silu();
  private final int features;

  /**
   * @param layer0 official name of the first layer
   */
  public TimePerceptron(
      String layer0,
      String layer1,
      int features,
      int embedding,
      LayerInitialiser initialiser,
      Kernels kernels) {
    this.features = features;
    this.layer0 = new Linear(layer0, features, embedding, true, initialiser, kernels);
    this.layer1 = new Linear(layer1, embedding, embedding, true, initialiser, kernels);
  }

  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(layer0.parameters());
    all.addAll(layer1.parameters());
    return all;
  }

  public INDArray forward(INDArray features) {
    return layer1.forward(silu.forward(layer0.forward(features)));
  }

  public INDArray backward(INDArray dy) {
    return layer0.backward(silu.backward(layer1.backward(dy)));
  }

  /**
   * Counts the memory of forward and backward, and that of the features.
   *
   * @param rows N
   * @return shape of the output
   */
  public long[] countMemory(StepMemory memory, long rows) {
    memory.make(rows, features);
    long[] hidden = Silu.countMemory(memory, layer0.countMemory(memory, rows));
    return layer1.countMemory(memory, hidden[0]);
  }
}
