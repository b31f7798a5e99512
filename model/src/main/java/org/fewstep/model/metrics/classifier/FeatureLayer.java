package org.fewstep.model.metrics.classifier;

import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Linear;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.Relu;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code relu(W flatten(x) + b)}: [N,C,H,W] to [N,out]. */
final class FeatureLayer implements Block {
  private final Linear linear;
  private final Relu relu = new Relu();
  private long[] inputShape = new long[0];

  FeatureLayer(String name, int in, int out) {
    linear = new Linear(name, in, out, true, new Initialiser.HeNormal(1), Kernels.ND4J);
  }

  @Override
  public List<Parameter> parameters() {
    return linear.parameters();
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    INDArray x = inputs[0];
    inputShape = x.shape();
    return relu.forward(linear.forward(x.reshape('c', x.size(0), x.length() / x.size(0))));
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    INDArray dx = linear.backward(relu.backward(outputGradient));
    return new INDArray[] {dx.reshape('c', inputShape)};
  }
}
