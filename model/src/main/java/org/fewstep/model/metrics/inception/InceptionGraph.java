package org.fewstep.model.metrics.inception;

import java.util.HashMap;
import java.util.Map;
import org.fewstep.model.network.op.ChannelConcat;
import org.fewstep.model.network.op.FixedConv2d;
import org.fewstep.model.network.op.Pool2d;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Inception-v3 as the 2015 TensorFlow graph has it, on which FID is defined. It differs from
 * PyTorch's own: means at the border leave the padding out, and the pooling branch of the last
 * block (Mixed_7c) takes the maximum.
 *
 * <pre>
 * [N,3,299,299]  1a 2a 2b, max 3x3/2    [N,64,73,73]     block 0
 *                3b 4a, max 3x3/2       [N,192,35,35]    block 1
 *                5b 5c 5d, 6a .. 6e     [N,768,17,17]    block 2
 *                7a 7b 7c               [N,2048,8,8]     block 3, whose mean is the feature vector
 * </pre>
 *
 * <p>Forward only, float32. An instance belongs to one thread; results are overwritten by the next
 * call.
 */
public final class InceptionGraph {
  /** Pixels a side of the images that it takes. */
  public static final int SIZE = 299;

  private final Map<String, FixedConv2d> convolutions = new HashMap<>();
  private final Map<String, Pool2d> pools = new HashMap<>();
  private final Map<String, ChannelConcat> concats = new HashMap<>();

  public InceptionGraph(InceptionWeights weights) {
    for (String name : weights.units()) {
      convolutions.put(
          name,
          new FixedConv2d(InceptionUnits.geometry(name), weights.weight(name), weights.bias(name)));
    }
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
    INDArray block0 = block0(images);
    INDArray block1 = block1(block0);
    INDArray x = trunkAfter(block1);
    INDArray spatial = conv("Mixed_6d.branch1x1", x);
    x = blockC("Mixed_6d", x, spatial);
    INDArray block2 = blockC("Mixed_6e", x);
    x =
        concat(
            "Mixed_7a",
            steps("Mixed_7a.branch3x3_", 2, block2),
            steps("Mixed_7a.branch7x7x3_", 4, block2),
            shrink("Mixed_7a", block2));
    x = blockE("Mixed_7b", x, pool("Mixed_7b", x, Pool2d.mean(1, 1)));
    INDArray block3 = blockE("Mixed_7c", x, pool("Mixed_7c", x, Pool2d.max(1, 1)));
    return new Blocks(block0, block1, block2, block3, spatial);
  }

  /** The output of Mixed_6c alone, [N,768,17,17]. */
  INDArray trunk(INDArray images) {
    return trunkAfter(block1(block0(images)));
  }

  private INDArray block0(INDArray images) {
    return shrink("block0", chain(images, "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"));
  }

  private INDArray block1(INDArray block0) {
    return shrink("block1", chain(block0, "Conv2d_3b_1x1", "Conv2d_4a_3x3"));
  }

  private INDArray trunkAfter(INDArray block1) {
    INDArray x = blockA("Mixed_5b", block1);
    x = blockA("Mixed_5c", x);
    x = blockA("Mixed_5d", x);
    x =
        concat(
            "Mixed_6a",
            conv("Mixed_6a.branch3x3", x),
            steps("Mixed_6a.branch3x3dbl_", 3, x),
            shrink("Mixed_6a", x));
    x = blockC("Mixed_6b", x);
    return blockC("Mixed_6c", x);
  }

  private INDArray blockA(String block, INDArray x) {
    return concat(
        block,
        conv(block + ".branch1x1", x),
        steps(block + ".branch5x5_", 2, x),
        steps(block + ".branch3x3dbl_", 3, x),
        conv(block + ".branch_pool", pool(block, x, Pool2d.mean(1, 1))));
  }

  private INDArray blockC(String block, INDArray x) {
    return blockC(block, x, conv(block + ".branch1x1", x));
  }

  private INDArray blockC(String block, INDArray x, INDArray branch1x1) {
    return concat(
        block,
        branch1x1,
        steps(block + ".branch7x7_", 3, x),
        steps(block + ".branch7x7dbl_", 5, x),
        conv(block + ".branch_pool", pool(block, x, Pool2d.mean(1, 1))));
  }

  private INDArray blockE(String block, INDArray x, INDArray pooled) {
    INDArray wide = conv(block + ".branch3x3_1", x);
    INDArray deep = steps(block + ".branch3x3dbl_", 2, x);
    return concat(
        block,
        conv(block + ".branch1x1", x),
        conv(block + ".branch3x3_2a", wide),
        conv(block + ".branch3x3_2b", wide),
        conv(block + ".branch3x3dbl_3a", deep),
        conv(block + ".branch3x3dbl_3b", deep),
        conv(block + ".branch_pool", pooled));
  }

  /** Convolutions {@code prefix1 .. prefixN} after each other. */
  private INDArray steps(String prefix, int count, INDArray x) {
    INDArray result = x;
    for (int i = 1; i <= count; i++) {
      result = conv(prefix + i, result);
    }
    return result;
  }

  private INDArray chain(INDArray x, String... names) {
    INDArray result = x;
    for (String name : names) {
      result = conv(name, result);
    }
    return result;
  }

  private INDArray conv(String name, INDArray x) {
    FixedConv2d convolution = convolutions.get(name);
    if (convolution == null) {
      throw new IllegalStateException("there is no convolution " + name);
    }
    return convolution.forward(x);
  }

  private INDArray shrink(String name, INDArray x) {
    return pool(name, x, Pool2d.max(2, 0));
  }

  private INDArray pool(String name, INDArray x, Pool2d kind) {
    return pools.computeIfAbsent(name, n -> kind).forward(x);
  }

  private INDArray concat(String name, INDArray... parts) {
    return concats.computeIfAbsent(name, n -> new ChannelConcat()).forward(parts);
  }
}
