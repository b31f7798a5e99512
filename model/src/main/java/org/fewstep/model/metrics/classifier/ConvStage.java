package org.fewstep.model.metrics.classifier;

import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Conv2d;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.MaxPool2d;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.Relu;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * 3x3 convolution, then the maximum over 2x2 pixels where the stage halves, then ReLU, which
 * commutes with the maximum and has a quarter of the work after it.
 */
final class ConvStage implements Block {
  private final Conv2d conv;
  private final @Nullable MaxPool2d pool;
  private final Relu relu = new Relu();

  ConvStage(String name, int in, int out, boolean halves) {
    // The shipped statistics were computed this way.
    conv = new Conv2d(name, in, out, 3, new Initialiser.HeNormal(1), Kernels.ND4J);
    pool = halves ? new MaxPool2d() : null;
  }

  @Override
  public List<Parameter> parameters() {
    return conv.parameters();
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    INDArray h = conv.forward(inputs[0]);
    return relu.forward(pool == null ? h : pool.forward(h));
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    INDArray dh = relu.backward(outputGradient);
    return new INDArray[] {conv.backward(pool == null ? dh : pool.backward(dh))};
  }
}
