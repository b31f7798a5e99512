package org.fewstep.model.network.op;

import org.fewstep.model.network.Initialiser;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Convolution with weights that never change, any kernel, stride and padding, then ReLU; forward
 * only, float32: [N,in,H,W] to [N,out,H',W'], in {@link ChannelBlocks} where these pay, with H' =
 * (H + 2 padding - kernel) / stride + 1. For networks that are read from a file, normalisations
 * folded into weight and bias.
 */
public final class FixedConv2d {
  private static final double RELU_CUTOFF = 0;

  /** Sizes of a convolution. */
  public record Geometry(
      int in,
      int out,
      int kernelHeight,
      int kernelWidth,
      int stride,
      int paddingHeight,
      int paddingWidth) {

    /** Shape of the weights. */
    public long[] weightShape() {
      return new long[] {out, in, kernelHeight, kernelWidth};
    }

    private boolean isPointwise() {
      return kernelHeight == 1 && kernelWidth == 1 && stride == 1;
    }

    long height(INDArray x) {
      return (x.size(2) + 2L * paddingHeight - kernelHeight) / stride + 1;
    }

    long width(INDArray x) {
      return (x.size(3) + 2L * paddingWidth - kernelWidth) / stride + 1;
    }
  }

  /** How it is computed. */
  interface Form {
    /** The result is overwritten by the next call. */
    INDArray forward(INDArray x);
  }

  private final Form form;

  /**
   * @param weight [out, in, kernelHeight, kernelWidth]
   * @param bias [out]
   */
  public FixedConv2d(Geometry geometry, float[] weight, float[] bias, Kernels kernels) {
    form =
        ChannelBlocks.pay(kernels) && geometry.out() % ChannelBlocks.WIDTH == 0
            ? new BlockedFixedConvolution(geometry, weight, bias)
            : new Composed(geometry, weight, bias, kernels);
  }

  /**
   * The result is overwritten by the next call. It lies in {@link ChannelBlocks} where these pay,
   * and its input may.
   */
  public INDArray forward(INDArray x) {
    return form.forward(x);
  }

  /** Out of ND4J's operations, and a matrix product for 1x1. */
  private static final class Composed implements Form {
    private final Geometry geometry;
    private final Conv2d.Kernel computation;
    private final Buffer output = new Buffer();

    Composed(Geometry geometry, float[] weight, float[] bias, Kernels kernels) {
      this.geometry = geometry;
      Parameter w = fixed(weight, geometry.weightShape());
      Parameter b = fixed(bias, geometry.out());
      computation =
          kernels == Kernels.FUSED && geometry.isPointwise()
              ? new PointwiseConvolution(w, b, geometry.in(), geometry.out())
              : new OneDnnConvolution(
                  w,
                  b,
                  geometry.kernelHeight(),
                  geometry.kernelWidth(),
                  geometry.stride(),
                  geometry.paddingHeight(),
                  geometry.paddingWidth());
    }

    @Override
    public INDArray forward(INDArray x) {
      if (ChannelBlocks.are(x)) {
        throw new IllegalArgumentException(
            "a convolution to %d channels knows no blocks".formatted(geometry.out()));
      }
      INDArray y =
          output.of(
              DataType.FLOAT, x.size(0), geometry.out(), geometry.height(x), geometry.width(x));
      computation.forward(x, y);
      Nd4j.exec(
          DynamicCustomOp.builder("relu")
              .addInputs(y)
              .addOutputs(y)
              .addFloatingPointArguments(RELU_CUTOFF)
              .build());
      return y;
    }

    private static Parameter fixed(float[] values, long... shape) {
      Parameter parameter = new Parameter("fixed", Initialiser.ZERO, shape);
      parameter.bindValue(Nd4j.createFromArray(values), 0);
      return parameter;
    }
  }
}
