package org.fewstep.model.network.mlp;

import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.StepMemory;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Architecture of a residual perceptron.
 *
 * @param shape points or images, input and output alike, taken as one vector
 * @param hidden width of all layers between
 * @param depth residual blocks
 * @param classes number of classes; 0 for a network that knows no classes
 * @param secondTime whether there is a second time embedding
 */
public record MlpSpec(ImageShape shape, int hidden, int depth, int classes, boolean secondTime)
    implements NetworkSpec {
  /** Sinusoids that a time enters as. */
  static final int TIME_FEATURES = 64;

  public MlpSpec {
    if (hidden < 1 || depth < 1) {
      throw new IllegalArgumentException("width %d, depth %d".formatted(hidden, depth));
    }
  }

  @Override
  public ParameterTable parameters() {
    return Mlp.parameters(this);
  }

  @Override
  public Mlp create(DataType type, Kernels kernels) {
    return Mlp.create(this, type, kernels);
  }

  @Override
  public void countMemory(StepMemory memory, int images) {
    Mlp.countMemory(this, memory, images);
  }
}
