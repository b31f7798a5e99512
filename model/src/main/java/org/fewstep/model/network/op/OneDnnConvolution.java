package org.fewstep.model.network.op;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link Conv2d} by ND4J's raw operations with weights in OIHW order and with preallocated results,
 * which is the way that reaches oneDNN forward and backward. Any data type and backend.
 */
final class OneDnnConvolution implements Conv2d.Kernel {
  private final Parameter weight;
  private final Parameter bias;
  private final int[] arguments;
  private final Buffer unusedGradient = new Buffer();

  OneDnnConvolution(Parameter weight, Parameter bias, int kernel) {
    this(weight, bias, kernel, kernel, 1, (kernel - 1) / 2, (kernel - 1) / 2);
  }

  OneDnnConvolution(
      Parameter weight,
      Parameter bias,
      int kernelHeight,
      int kernelWidth,
      int stride,
      int paddingHeight,
      int paddingWidth) {
    this.weight = weight;
    this.bias = bias;
    // Kernel, stride, padding, dilation, explicit padding, NCHW, OIHW.
    arguments =
        new int[] {
          kernelHeight, kernelWidth, stride, stride, paddingHeight, paddingWidth, 1, 1, 0, 0, 1
        };
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    Nd4j.exec(
        DynamicCustomOp.builder("conv2d")
            .addInputs(x, weight.value(), bias.value())
            .addOutputs(y)
            .addIntegerArguments(arguments)
            .build());
  }

  @Override
  public void backward(INDArray x, INDArray dy, @Nullable INDArray dx) {
    // The operation cannot leave d/dx out.
    INDArray inputGradient = dx == null ? unusedGradient.of(x.dataType(), x.shape()) : dx;
    Nd4j.exec(
        DynamicCustomOp.builder("conv2d_bp")
            .addInputs(x, weight.value(), bias.value(), dy)
            .addOutputs(inputGradient, weight.gradient(), bias.gradient())
            .addIntegerArguments(arguments)
            .build());
  }

  /** Inside of ND4J, each argument is copied into oneDNN's layout for as long as a call lasts. */
  @Override
  public void countMemory(StepMemory memory, long[] x, long[] y, boolean givesGradient) {
    if (!givesGradient) {
      memory.keepGradient(x);
    }
    memory.lend((memory.backward() ? 2 : 1) * StepMemory.bytes(x) + StepMemory.bytes(y));
  }
}
