package org.fewstep.model.network.op;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.memory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Images whose channels lie in blocks of 16: [N,C,H,W] as [N, C/16, H, W, 16], so that a vector
 * register holds 16 channels of one pixel. It is the layout that oneDNN convolves in; between
 * layers that keep it, nothing is copied back and forth. An operation that knows both layouts tells
 * them apart by the rank, and answers in the layout it was asked in.
 *
 * <p>An instance converts between both and keeps the memory of its results: one for each place in a
 * network.
 */
public final class ChannelBlocks {
  /** Channels in a block. */
  public static final int WIDTH = 16;

  private static final int RANK = 5;

  private final Map<List<Long>, Dnnl.Reorder> toBlocks = new HashMap<>();
  private final Map<List<Long>, Dnnl.Reorder> toPlain = new HashMap<>();
  private final Buffer blocks = new Buffer();
  private final Buffer plain = new Buffer();

  /** Whether networks should keep this layout on this processor. */
  public static boolean pay(Kernels kernels) {
    return kernels == Kernels.FUSED && Dnnl.hasWideVectors();
  }

  public static boolean are(INDArray x) {
    return are(x.shape());
  }

  /** Whether an array of this shape is one. */
  public static boolean are(long[] shape) {
    return shape.length == RANK;
  }

  static long channels(INDArray x) {
    return channels(x.shape());
  }

  private static long channels(long[] shape) {
    return are(shape) ? WIDTH * shape[1] : shape[1];
  }

  /** Images of the same number and size with other channels, in the same layout. */
  static long[] shape(INDArray like, long channels) {
    return shape(like.shape(), channels);
  }

  static long[] shape(long[] like, long channels) {
    return are(like)
        ? new long[] {like[0], channels / WIDTH, like[2], like[3], WIDTH}
        : new long[] {like[0], channels, like[2], like[3]};
  }

  /** Describes an array in blocks. */
  static memory.desc describe(INDArray x) {
    return describe(x.size(0), channels(x), x.size(2), x.size(3));
  }

  static memory.desc describe(long images, long channels, long height, long width) {
    return Dnnl.describe(memory.format_tag.nChw16c, images, channels, height, width);
  }

  /**
   * Into blocks.
   *
   * @param x [N,C,H,W], C a multiple of 16
   */
  public INDArray of(INDArray x) {
    INDArray y =
        blocks.of(DataType.FLOAT, x.size(0), x.size(1) / WIDTH, x.size(2), x.size(3), WIDTH);
    toBlocks
        .computeIfAbsent(
            List.of(x.size(0), x.size(1), x.size(2), x.size(3)),
            s ->
                new Dnnl.Reorder(
                    Dnnl.describe(memory.format_tag.nchw, x.shape()),
                    describe(x.size(0), x.size(1), x.size(2), x.size(3))))
        .copy(x, y);
    return y;
  }

  /** Out of blocks, to [N,C,H,W]. */
  public INDArray plain(INDArray x) {
    long channels = channels(x);
    INDArray y = plain.of(DataType.FLOAT, x.size(0), channels, x.size(2), x.size(3));
    toPlain
        .computeIfAbsent(
            List.of(x.size(0), channels, x.size(2), x.size(3)),
            s ->
                new Dnnl.Reorder(
                    describe(x.size(0), channels, x.size(2), x.size(3)),
                    Dnnl.describe(memory.format_tag.nchw, y.shape())))
        .copy(x, y);
    return y;
  }

  /** Counts the memory of {@link #of}; returns the result's shape. */
  public static long[] countBlocks(StepMemory memory, long... shape) {
    return memory.keep(shape[0], shape[1] / WIDTH, shape[2], shape[3], WIDTH);
  }

  /** Counts the memory of {@link #plain}; returns the result's shape. */
  public static long[] countPlain(StepMemory memory, long... shape) {
    return memory.keep(shape[0], channels(shape), shape[2], shape[3]);
  }
}
