package org.fewstep.model.metrics.inception;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.fewstep.model.network.op.ChannelConcat;
import org.fewstep.model.network.op.FixedConv2d;
import org.fewstep.model.network.op.Pool2d;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Computes {@link InceptionTopology}. Forward only, float32. An instance belongs to one thread;
 * results are overwritten by the next call.
 */
public final class InceptionGraph {
  /** Pixels a side of the images that it takes. */
  public static final int SIZE = 299;

  private final Layers layers;

  public InceptionGraph(InceptionWeights weights) {
    layers = new Layers(weights);
  }

  /**
   * Outputs of the four blocks.
   *
   * @param spatial the 1x1 branch of Mixed_6d, [N,192,17,17]: TensorFlow's mixed_6/conv
   */
  public record Blocks(
      INDArray block0, INDArray block1, INDArray block2, INDArray block3, INDArray spatial) {}

  /**
   * Computes all blocks.
   *
   * @param images [N,3,299,299], prepared
   */
  public Blocks forward(INDArray images) {
    InceptionTopology.Outputs<INDArray> all = layers.all(images);
    return new Blocks(all.block0(), all.block1(), all.block2(), all.block3(), all.spatial());
  }

  /** The output of Mixed_6c alone, [N,768,17,17]. */
  INDArray trunk(INDArray images) {
    return layers.trunk(images);
  }

  /** Each layer with the memory of its result. */
  private static final class Layers extends InceptionTopology<INDArray> {
    private final Map<String, FixedConv2d> convolutions = new HashMap<>();
    private final Map<String, Pool2d> pools = new HashMap<>();
    private final Map<String, ChannelConcat> concats = new HashMap<>();

    Layers(InceptionWeights weights) {
      for (String unit : weights.units()) {
        convolutions.put(
            unit,
            new FixedConv2d(
                InceptionUnits.geometry(unit), weights.weight(unit), weights.bias(unit)));
      }
    }

    @Override
    INDArray conv(String unit, INDArray x) {
      FixedConv2d convolution = convolutions.get(unit);
      if (convolution == null) {
        throw new IllegalStateException("there is no convolution " + unit);
      }
      return convolution.forward(x);
    }

    @Override
    INDArray mean(String name, INDArray x) {
      return pools.computeIfAbsent(name, n -> Pool2d.mean(1, 1)).forward(x);
    }

    @Override
    INDArray max(String name, INDArray x, int stride, int padding) {
      return pools.computeIfAbsent(name, n -> Pool2d.max(stride, padding)).forward(x);
    }

    @Override
    INDArray concat(String name, List<INDArray> parts) {
      return concats
          .computeIfAbsent(name, n -> new ChannelConcat())
          .forward(parts.toArray(INDArray[]::new));
    }
  }
}
