package org.fewstep.model.network.op;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Halves or doubles height and width of [N,C,H,W] with a separable filter of even length L: down is
 * a convolution of stride 2 with the filter scaled to sum 1 and zero padding L/2 - 1, up is its
 * adjoint times 4. With the filter [1,1] they are the mean of 2x2 pixels and nearest neighbour.
 */
public final class Resample {
  /** Which way. */
  public enum Direction {
    UP,
    DOWN
  }

  /** How it is computed; all ways give the same function. */
  interface Kernel {
    /**
     * @param y receives [N,C,2H,2W]
     */
    void up(INDArray x, INDArray y);

    /**
     * @param y receives [N,C,H/2,W/2]
     */
    void down(INDArray x, INDArray y);
  }

  private final Direction direction;
  private final Kernel kernel;
  private final int border;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient;

  /**
   * @param filter taps of one dimension, in any scale
   */
  public Resample(Direction direction, List<Integer> filter, Kernels kernels) {
    this(direction, filter, kernels, new Buffer());
  }

  /**
   * @param filter taps of one dimension, in any scale
   * @param inputGradient where backward's result lies, which may be shared with operations whose
   *     results are not needed any more then
   */
  public Resample(
      Direction direction, List<Integer> filter, Kernels kernels, Buffer inputGradient) {
    this(direction, filter, filter.size() / 2 - 1, kernels, inputGradient);
  }

  private Resample(
      Direction direction,
      List<Integer> filter,
      int padding,
      Kernels kernels,
      Buffer inputGradient) {
    this.inputGradient = inputGradient;
    if (filter.isEmpty() || filter.size() % 2 != 0) {
      throw new IllegalArgumentException("a resampling filter of even length, not " + filter);
    }
    this.direction = direction;
    this.border = 2 * (filter.size() / 2 - 1 - padding);
    this.kernel = kernel(filter, padding, kernels);
  }

  /** Halves without padding: [H,W] to [(H-L)/2+1, (W-L)/2+1]. */
  public static Resample unpaddedDown(List<Integer> filter, Kernels kernels) {
    return new Resample(Direction.DOWN, filter, 0, kernels, new Buffer());
  }

  private static Kernel kernel(List<Integer> filter, int padding, Kernels kernels) {
    if (filter.equals(List.of(1, 1))) {
      return new BoxResample();
    }
    FirFilter fir = FirFilter.of(filter, padding);
    return kernels == Kernels.FUSED ? new FusedFirResample(fir) : new ComposedFirResample(fir);
  }

  public INDArray forward(INDArray x) {
    return switch (direction) {
      case UP -> up(x, output);
      case DOWN -> down(x, output);
    };
  }

  public INDArray backward(INDArray dy) {
    return switch (direction) {
      case UP -> down(dy, inputGradient).muli(4);
      case DOWN -> up(dy, inputGradient).muli(0.25);
    };
  }

  private INDArray up(INDArray x, Buffer buffer) {
    long[] shape = x.shape().clone();
    shape[2] = 2 * x.size(2) + border;
    shape[3] = 2 * x.size(3) + border;
    INDArray y = buffer.of(x.dataType(), shape);
    kernel.up(x, y);
    return y;
  }

  private INDArray down(INDArray x, Buffer buffer) {
    long[] shape = x.shape().clone();
    shape[2] = (x.size(2) - border) / 2;
    shape[3] = (x.size(3) - border) / 2;
    INDArray y = buffer.of(x.dataType(), shape);
    kernel.down(x, y);
    return y;
  }

  /** Counts the memory of forward and backward; returns the shape of the output. */
  public long[] countMemory(StepMemory memory, long... x) {
    memory.keepGradient(inputGradient, x);
    long[] y = x.clone();
    for (int side = 2; side < 4; side++) {
      y[side] = direction == Direction.UP ? 2 * x[side] + border : (x[side] - border) / 2;
    }
    return memory.keep(y);
  }
}
