package org.fewstep.model.network.dit;

import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.StepMemory;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Architecture of a diffusion transformer.
 *
 * @param shape images or latents, input and output alike; height equals width
 * @param patch pixels a side of the squares that become tokens
 * @param hidden width of a token
 * @param depth blocks
 * @param heads a divisor of {@code hidden}
 * @param classes number of classes, to which the network adds "no class"; 0 for a network that
 *     knows no classes
 * @param secondTime whether there is a second time embedding
 */
public record DitSpec(
    ImageShape shape, int patch, int hidden, int depth, int heads, int classes, boolean secondTime)
    implements NetworkSpec {
  /** Hidden units of a block's perceptron over {@code hidden}. */
  static final int MLP_RATIO = 4;

  /** Sinusoids that a time enters as. */
  static final int TIME_FEATURES = 256;

  public DitSpec {
    if (shape.height() != shape.width()) {
      throw new IllegalArgumentException("a DiT takes square images, not " + shape);
    }
    if (patch < 1 || shape.height() % patch != 0) {
      throw new IllegalArgumentException(
          "images of height %d cannot be cut into patches of %d".formatted(shape.height(), patch));
    }
    if (heads < 1 || hidden % heads != 0) {
      throw new IllegalArgumentException(
          "a width of %d cannot be shared by %d heads".formatted(hidden, heads));
    }
    if (hidden % 4 != 0) {
      throw new IllegalArgumentException(
          "a width of %d cannot hold sines and cosines of two coordinates".formatted(hidden));
    }
  }

  @Override
  public ParameterTable parameters() {
    return Dit.parameters(this);
  }

  @Override
  public Dit create(DataType type, Kernels kernels) {
    return Dit.create(this, type, kernels);
  }

  /** Patches along one side. */
  int side() {
    return shape.height() / patch;
  }

  int tokens() {
    return side() * side();
  }

  /** Numbers in a patch. */
  int patchLength() {
    return shape.channels() * patch * patch;
  }

  @Override
  public void countMemory(StepMemory memory, int images) {
    Dit.countMemory(this, memory, images);
  }
}
