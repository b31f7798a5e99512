package org.fewstep.model.metrics.inception;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.fewstep.model.network.op.ChannelBlocks;
import org.fewstep.model.network.op.ChannelConcat;
import org.fewstep.model.network.op.FixedConv2d;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Pool2d;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Computes {@link InceptionTopology}. Forward only, float32. An instance belongs to one thread;
 * results are overwritten by the next call.
 */
public final class InceptionGraph {
  /** Pixels a side of the images that it takes. */
  public static final int SIZE = 299;

  private final Layers layers;
  private final Map<String, ChannelBlocks> conversions = new HashMap<>();

  public InceptionGraph(InceptionWeights weights) {
    this(weights, Kernels.fastest(DataType.FLOAT));
  }

  /** With these kernels. */
  public InceptionGraph(InceptionWeights weights, Kernels kernels) {
    layers = new Layers(weights, kernels);
  }

  /** Outputs of the four blocks. */
  public record Blocks(INDArray block0, INDArray block1, INDArray block2, INDArray block3) {}

  /**
   * What features are taken from.
   *
   * @param block3 the last block's output, [N,2048,8,8]
   * @param spatial the 1x1 branch of Mixed_6d, [N,192,17,17]: TensorFlow's mixed_6/conv
   */
  public record Ends(INDArray block3, INDArray spatial) {}

  /**
   * Computes all blocks.
   *
   * @param images [N,3,299,299], prepared
   */
  public Blocks blocks(INDArray images) {
    InceptionTopology.Outputs<INDArray> all = layers.all(images);
    return new Blocks(
        plain("block0", all.block0()),
        plain("block1", all.block1()),
        plain("block2", all.block2()),
        plain("block3", all.block3()));
  }

  /**
   * Computes what features are taken from.
   *
   * @param images [N,3,299,299], prepared
   */
  public Ends forward(INDArray images) {
    InceptionTopology.Outputs<INDArray> all = layers.all(images);
    return new Ends(plain("block3", all.block3()), plain("spatial", all.spatial()));
  }

  /** The output of Mixed_6c alone, [N,768,17,17]. */
  INDArray trunk(INDArray images) {
    return plain("trunk", layers.trunk(images));
  }

  private INDArray plain(String place, INDArray x) {
    return ChannelBlocks.are(x)
        ? conversions.computeIfAbsent(place, p -> new ChannelBlocks()).plain(x)
        : x;
  }

  /** Each layer with the memory of its result. */
  private static final class Layers extends InceptionTopology<INDArray> {
    private final Map<String, FixedConv2d> convolutions = new HashMap<>();
    private final Map<String, Pool2d> pools = new HashMap<>();
    private final Map<String, ChannelConcat> concats = new HashMap<>();

    Layers(InceptionWeights weights, Kernels kernels) {
      for (String unit : weights.units()) {
        convolutions.put(
            unit,
            new FixedConv2d(
                InceptionUnits.geometry(unit), weights.weight(unit), weights.bias(unit), kernels));
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
