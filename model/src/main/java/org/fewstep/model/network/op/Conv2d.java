package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution of odd kernel size k, stride 1 and padding (k-1)/2: [N,in,H,W] to [N,out,H,W], or
 * both in {@link ChannelBlocks}.
 *
 * <p>oneDNN does most of them; where its reordering of memory costs more than the arithmetic (1x1
 * kernels, very few channels) they are matrix products.
 */
public final class Conv2d {
  private static final int FEW_CHANNELS = 4;

  /** How it is computed; all ways give the same function. */
  interface Kernel {
    /**
     * @param y receives the result
     */
    void forward(INDArray x, INDArray y);

    /**
     * Writes the parameters' gradients.
     *
     * @param dx receives d/dx; null where nobody needs it
     */
    void backward(INDArray x, INDArray dy, @Nullable INDArray dx);

    /**
     * Counts the memory of both.
     *
     * @param x shape of x
     * @param y shape of y
     * @param givesGradient whether backward gives d/dx
     */
    void countMemory(StepMemory memory, long[] x, long[] y, boolean givesGradient);
  }

  private final int out;
  private final Parameter weight;
  private final Parameter bias;
  private final Kernel computation;
  private final @Nullable Kernel blockedComputation;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient;
  private @Nullable INDArray input;

  public Conv2d(String name, int in, int out, int kernel, Initialiser weight, Kernels kernels) {
    this(name, in, out, kernel, LayerInitialiser.weight(weight), kernels);
  }

  public Conv2d(
      String name, int in, int out, int kernel, LayerInitialiser initialiser, Kernels kernels) {
    this(name, in, out, kernel, initialiser, kernels, new Buffer());
  }

  /**
   * @param inputGradient where backward's result lies, which may be shared with operations whose
   *     results are not needed any more then
   */
  public Conv2d(
      String name,
      int in,
      int out,
      int kernel,
      LayerInitialiser initialiser,
      Kernels kernels,
      Buffer inputGradient) {
    this.inputGradient = inputGradient;
    int fanIn = in * kernel * kernel;
    this.out = out;
    this.weight =
        new Parameter(name + ".weight", initialiser.weight().apply(fanIn), out, in, kernel, kernel);
    this.bias = new Parameter(name + ".bias", initialiser.bias().apply(fanIn), out);
    boolean fused = kernels == Kernels.FUSED;
    if (fused && kernel == 1) {
      computation = new PointwiseConvolution(weight, bias, in, out);
    } else if (fused && Math.min(in, out) <= FEW_CHANNELS) {
      computation = new NarrowConvolution(weight, bias, in, out, kernel);
    } else {
      computation = new OneDnnConvolution(weight, bias, kernel);
    }
    boolean fits = in % ChannelBlocks.WIDTH == 0 && out % ChannelBlocks.WIDTH == 0;
    blockedComputation = fits ? new BlockedConvolution(weight, bias, in, out, kernel) : null;
  }

  public List<Parameter> parameters() {
    return List.of(weight, bias);
  }

  public INDArray forward(INDArray x) {
    input = x;
    INDArray y = output.of(x.dataType(), ChannelBlocks.shape(x, out));
    computation(x).forward(x, y);
    return y;
  }

  private Kernel computation(INDArray x) {
    return computation(x.shape());
  }

  private Kernel computation(long[] shape) {
    if (!ChannelBlocks.are(shape)) {
      return computation;
    }
    if (blockedComputation == null) {
      throw new IllegalArgumentException(
          weight.name() + " has channels that do not fill blocks of " + ChannelBlocks.WIDTH);
    }
    return blockedComputation;
  }

  public INDArray backward(INDArray dy) {
    INDArray x = Saved.of(input);
    INDArray dx = inputGradient.of(x.dataType(), x.shape());
    computation(x).backward(x, dy, dx);
    return dx;
  }

  /** Gradients of the parameters alone, for a convolution whose input needs none. */
  public void backwardParameters(INDArray dy) {
    INDArray x = Saved.of(input);
    computation(x).backward(x, dy, null);
  }

  /**
   * Counts the memory of forward and {@link #backward}.
   *
   * @param x shape of the input
   * @return shape of the output
   */
  public long[] countMemory(StepMemory memory, long... x) {
    return countMemory(memory, true, x);
  }

  /** Counts the memory of forward and {@link #backwardParameters}. */
  public long[] countMemoryOfParameters(StepMemory memory, long... x) {
    return countMemory(memory, false, x);
  }

  private long[] countMemory(StepMemory memory, boolean givesGradient, long... x) {
    long[] y = memory.keep(ChannelBlocks.shape(x, out));
    if (givesGradient) {
      memory.keepGradient(inputGradient, x);
    }
    computation(x).countMemory(memory, x, y, givesGradient);
    return y;
  }
}
