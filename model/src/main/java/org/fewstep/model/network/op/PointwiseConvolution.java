package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.fewstep.model.network.op.Blas.Matrix;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A 1x1 convolution as a matrix product for each image, for float32 on the CPU: an image [C,H,W] is
 * a matrix [C, pixels] as it lies in memory. oneDNN would first copy it into blocks of 16 channels
 * and afterwards copy the result back, which costs several times the arithmetic.
 */
final class PointwiseConvolution implements Conv2d.Kernel {
  private final Parameter weight;
  private final Parameter bias;
  private final int in;
  private final int out;
  private final Buffer ones = new Buffer();

  PointwiseConvolution(Parameter weight, Parameter bias, int in, int out) {
    this.weight = weight;
    this.bias = bias;
    this.in = in;
    this.out = out;
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    int pixels = pixels(x);
    fillWithBias(y, pixels);
    Matrix w = new Matrix(NativeMemory.pointer(weight.value()), in);
    FloatPointer from = NativeMemory.pointer(x);
    FloatPointer to = NativeMemory.pointer(y);
    for (int image = 0; image < x.size(0); image++) {
      Matrix result = plane(to, image, out, pixels);
      Sgemm.multiply(out, pixels, in, w, plane(from, image, in, pixels), 1, result);
    }
  }

  @Override
  public void backward(INDArray x, INDArray dy, @Nullable INDArray dx) {
    int pixels = pixels(x);
    INDArray one = ones.of(DataType.FLOAT, pixels).assign(1);
    Matrix w = new Matrix(NativeMemory.pointer(weight.value()), in);
    Matrix dw = new Matrix(NativeMemory.pointer(weight.gradient()), in);
    FloatPointer db = NativeMemory.pointer(bias.gradient());
    FloatPointer xs = NativeMemory.pointer(x);
    FloatPointer dys = NativeMemory.pointer(dy);
    for (int image = 0; image < x.size(0); image++) {
      float keep = image == 0 ? 0 : 1;
      Matrix gradient = plane(dys, image, out, pixels);
      Matrix input = plane(xs, image, in, pixels);
      Sgemm.multiply(out, in, pixels, gradient, input.transpose(), keep, dw);
      Blas.multiplyVector(out, pixels, gradient, NativeMemory.pointer(one), 1, keep, db);
      if (dx != null) {
        Matrix result = plane(NativeMemory.pointer(dx), image, in, pixels);
        Sgemm.multiply(in, pixels, out, w.transpose(), gradient, 0, result);
      }
    }
  }

  private void fillWithBias(INDArray y, int pixels) {
    FloatBuffer to = NativeMemory.buffer(y);
    float[] row = new float[pixels];
    float[] b = bias.value().toFloatVector();
    for (int channel = 0; channel < out; channel++) {
      Arrays.fill(row, b[channel]);
      for (int image = 0; image < y.size(0); image++) {
        to.put((image * out + channel) * pixels, row);
      }
    }
  }

  private static Matrix plane(FloatPointer start, int image, int channels, int pixels) {
    FloatPointer first = new FloatPointer(start).position((long) image * channels * pixels);
    return new Matrix(first, pixels);
  }

  private static int pixels(INDArray x) {
    return Math.toIntExact(x.size(2) * x.size(3));
  }

  @Override
  public void countMemory(StepMemory memory, long[] x, long[] y, boolean givesGradient) {
    memory.keepGradient(x[2] * x[3]);
  }
}
