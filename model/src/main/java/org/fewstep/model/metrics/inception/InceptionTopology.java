package org.fewstep.model.metrics.inception;

import java.util.List;

/**
 * Which layers Inception-v3 has and what feeds them, as the 2015 TensorFlow graph has it, on which
 * FID is defined. It differs from PyTorch's own: means at the border leave the padding out, and the
 * pooling branch of the last block (Mixed_7c) takes the maximum.
 *
 * <pre>
 * [N,3,299,299]  1a 2a 2b, max 3x3/2    [N,64,73,73]     block 0
 *                3b 4a, max 3x3/2       [N,192,35,35]    block 1
 *                5b 5c 5d, 6a .. 6e     [N,768,17,17]    block 2
 *                7a 7b 7c               [N,2048,8,8]     block 3, whose mean is the feature vector
 * </pre>
 *
 * @param <T> what stands for an activation while the layers are gone through
 */
abstract class InceptionTopology<T> {
  /**
   * Outputs of the four blocks.
   *
   * @param spatial the 1x1 branch of Mixed_6d, [N,192,17,17]: TensorFlow's mixed_6/conv
   */
  record Outputs<T>(T block0, T block1, T block2, T block3, T spatial) {}

  /** A convolution with its bias and rectifier, by its name in {@link InceptionUnits}. */
  abstract T conv(String unit, T x);

  /** Means of 3x3 windows at stride 1, with the size kept and the padding left out. */
  abstract T mean(String name, T x);

  /** Largest values of 3x3 windows. */
  abstract T max(String name, T x, int stride, int padding);

  /** Channels behind each other. */
  abstract T concat(String name, List<T> parts);

  /** All layers. */
  final Outputs<T> all(T images) {
    T block0 = block0(images);
    T block1 = block1(block0);
    T x = trunkAfter(block1);
    T spatial = conv("Mixed_6d.branch1x1", x);
    x = blockC("Mixed_6d", x, spatial);
    T block2 = blockC("Mixed_6e", x);
    x =
        concat(
            "Mixed_7a",
            List.of(
                steps("Mixed_7a.branch3x3_", 2, block2),
                steps("Mixed_7a.branch7x7x3_", 4, block2),
                shrink("Mixed_7a", block2)));
    x = blockE("Mixed_7b", x, mean("Mixed_7b", x));
    T block3 = blockE("Mixed_7c", x, max("Mixed_7c", x, 1, 1));
    return new Outputs<>(block0, block1, block2, block3, spatial);
  }

  /** The layers up to Mixed_6c, whose output [N,768,17,17] is the answer. */
  final T trunk(T images) {
    return trunkAfter(block1(block0(images)));
  }

  private T block0(T images) {
    return shrink("block0", chain(images, "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"));
  }

  private T block1(T block0) {
    return shrink("block1", chain(block0, "Conv2d_3b_1x1", "Conv2d_4a_3x3"));
  }

  private T trunkAfter(T block1) {
    T x = blockA("Mixed_5b", block1);
    x = blockA("Mixed_5c", x);
    x = blockA("Mixed_5d", x);
    x =
        concat(
            "Mixed_6a",
            List.of(
                conv("Mixed_6a.branch3x3", x),
                steps("Mixed_6a.branch3x3dbl_", 3, x),
                shrink("Mixed_6a", x)));
    x = blockC("Mixed_6b", x);
    return blockC("Mixed_6c", x);
  }

  private T blockA(String block, T x) {
    return concat(
        block,
        List.of(
            conv(block + ".branch1x1", x),
            steps(block + ".branch5x5_", 2, x),
            steps(block + ".branch3x3dbl_", 3, x),
            conv(block + ".branch_pool", mean(block, x))));
  }

  private T blockC(String block, T x) {
    return blockC(block, x, conv(block + ".branch1x1", x));
  }

  private T blockC(String block, T x, T branch1x1) {
    return concat(
        block,
        List.of(
            branch1x1,
            steps(block + ".branch7x7_", 3, x),
            steps(block + ".branch7x7dbl_", 5, x),
            conv(block + ".branch_pool", mean(block, x))));
  }

  private T blockE(String block, T x, T pooled) {
    T wide = conv(block + ".branch3x3_1", x);
    T deep = steps(block + ".branch3x3dbl_", 2, x);
    return concat(
        block,
        List.of(
            conv(block + ".branch1x1", x),
            conv(block + ".branch3x3_2a", wide),
            conv(block + ".branch3x3_2b", wide),
            conv(block + ".branch3x3dbl_3a", deep),
            conv(block + ".branch3x3dbl_3b", deep),
            conv(block + ".branch_pool", pooled)));
  }

  /** Convolutions {@code prefix1 .. prefixN} after each other. */
  private T steps(String prefix, int count, T x) {
    T result = x;
    for (int i = 1; i <= count; i++) {
      result = conv(prefix + i, result);
    }
    return result;
  }

  private T chain(T x, String... units) {
    T result = x;
    for (String unit : units) {
      result = conv(unit, result);
    }
    return result;
  }

  private T shrink(String name, T x) {
    return max(name, x, 2, 0);
  }
}
