package org.fewstep.model.metrics.classifier;

import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Dropout;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Linear;
import org.fewstep.model.network.op.Parameter;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Dropout, then one linear function per class: [N,in] to [N,classes]. */
final class LogitLayer implements Block {
  private final Dropout drop;
  private final Linear linear;

  LogitLayer(String name, int in, int classes, double dropout) {
    drop = new Dropout(dropout, 0, Kernels.ND4J);
    linear = new Linear(name, in, classes, true, new Initialiser.XavierUniform(1), Kernels.ND4J);
  }

  @Override
  public List<Parameter> parameters() {
    return linear.parameters();
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    return linear.forward(drop.forward(inputs[0], dropout));
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    return new INDArray[] {drop.backward(linear.backward(outputGradient))};
  }
}
