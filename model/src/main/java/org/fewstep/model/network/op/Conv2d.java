package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Convolution of odd kernel size k, stride 1 and padding (k-1)/2: [N,in,H,W] to [N,out,H,W].
 *
 * <p>It calls the raw operations with weights in OIHW order and with preallocated results, which is
 * the way that reaches oneDNN forward and backward.
 */
public final class Conv2d {
  private final int out;
  private final int kernel;
  private final Parameter weight;
  private final Parameter bias;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private @Nullable INDArray input;

  public Conv2d(String name, int in, int out, int kernel, Initialiser initialiser) {
    this.out = out;
    this.kernel = kernel;
    this.weight = new Parameter(name + ".weight", initialiser, out, in, kernel, kernel);
    this.bias = new Parameter(name + ".bias", Initialiser.ZERO, out);
  }

  public List<Parameter> parameters() {
    return List.of(weight, bias);
  }

  public INDArray forward(INDArray x) {
    input = x;
    INDArray y = output.of(x.dataType(), x.size(0), out, x.size(2), x.size(3));
    Nd4j.exec(
        DynamicCustomOp.builder("conv2d")
            .addInputs(x, weight.value(), bias.value())
            .addOutputs(y)
            .addIntegerArguments(arguments())
            .build());
    return y;
  }

  public INDArray backward(INDArray dy) {
    INDArray x = Saved.of(input);
    INDArray dx = inputGradient.of(x.dataType(), x.shape());
    Nd4j.exec(
        DynamicCustomOp.builder("conv2d_bp")
            .addInputs(x, weight.value(), bias.value(), dy)
            .addOutputs(dx, weight.gradient(), bias.gradient())
            .addIntegerArguments(arguments())
            .build());
    return dx;
  }

  /** Kernel, stride, padding, dilation, explicit padding, NCHW, OIHW. */
  private int[] arguments() {
    int padding = (kernel - 1) / 2;
    return new int[] {kernel, kernel, 1, 1, padding, padding, 1, 1, 0, 0, 1};
  }
}
