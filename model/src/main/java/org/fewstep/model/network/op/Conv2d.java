package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution of odd kernel size k, stride 1 and padding (k-1)/2: [N,in,H,W] to [N,out,H,W].
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
  }

  private final int out;
  private final Parameter weight;
  private final Parameter bias;
  private final Kernel computation;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private @Nullable INDArray input;

  public Conv2d(String name, int in, int out, int kernel, Initialiser weight, Kernels kernels) {
    this(name, in, out, kernel, LayerInitialiser.weight(weight), kernels);
  }

  public Conv2d(
      String name, int in, int out, int kernel, LayerInitialiser initialiser, Kernels kernels) {
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
  }

  public List<Parameter> parameters() {
    return List.of(weight, bias);
  }

  public INDArray forward(INDArray x) {
    input = x;
    INDArray y = output.of(x.dataType(), x.size(0), out, x.size(2), x.size(3));
    computation.forward(x, y);
    return y;
  }

  public INDArray backward(INDArray dy) {
    INDArray x = Saved.of(input);
    INDArray dx = inputGradient.of(x.dataType(), x.shape());
    computation.backward(x, dy, dx);
    return dx;
  }

  /** Gradients of the parameters alone, for a convolution whose input needs none. */
  public void backwardParameters(INDArray dy) {
    computation.backward(Saved.of(input), dy, null);
  }
}
