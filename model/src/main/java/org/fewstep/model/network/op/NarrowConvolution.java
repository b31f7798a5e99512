package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.fewstep.model.network.op.Blas.Matrix;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A convolution from or to very few channels as matrix products, for float32 on the CPU: the first
 * and the last of a network, where oneDNN's blocks of 16 channels would be nearly empty.
 *
 * <p>A matrix product needs the image under every shift of the kernel. So an image is laid out with
 * p = (k-1)/2 zeros after each row (they pad that row on the right and the next one on the left)
 * and p rows of zeros above and below. Then a shift by (dy, dx) is the same memory read from
 * another offset, each row of the im2col matrix is one straight copy, and results have p
 * meaningless columns a row, which are left behind when they are copied out.
 *
 * <p>d/dx is the convolution of dy with the kernel turned by half a turn and in and out exchanged.
 */
final class NarrowConvolution implements Conv2d.Kernel {
  private final Parameter weight;
  private final Parameter bias;
  private final int in;
  private final int out;
  private final int kernel;
  private final PaddedImage input = new PaddedImage();
  private final PaddedImage outputGradient = new PaddedImage();
  private final Buffer result = new Buffer();
  private final Buffer inputResult = new Buffer();
  private final Buffer turned = new Buffer();
  private final Buffer ones = new Buffer();

  NarrowConvolution(Parameter weight, Parameter bias, int in, int out, int kernel) {
    this.weight = weight;
    this.bias = bias;
    this.in = in;
    this.out = out;
    this.kernel = kernel;
  }

  @Override
  public void forward(INDArray x, INDArray y) {
    Layout layout = new Layout(x.shape(), kernel);
    FloatBuffer from = NativeMemory.buffer(x);
    FloatBuffer to = NativeMemory.buffer(y);
    float[] b = bias.value().toFloatVector();
    for (int image = 0; image < layout.images; image++) {
      input.load(from, image, in, layout);
      INDArray padded = result.of(DataType.FLOAT, (long) out * layout.columns);
      convolve(input, in, weight.value(), padded, layout);
      store(padded, to, image, layout, b);
    }
  }

  @Override
  public void backward(INDArray x, INDArray dy, @Nullable INDArray dx) {
    Layout layout = new Layout(x.shape(), kernel);
    FloatBuffer xs = NativeMemory.buffer(x);
    FloatBuffer dys = NativeMemory.buffer(dy);
    INDArray one = ones.of(DataType.FLOAT, layout.columns).assign(1);
    FloatPointer dw = NativeMemory.pointer(weight.gradient());
    FloatPointer db = NativeMemory.pointer(bias.gradient());
    INDArray turnedWeight = dx == null ? null : turnedWeight();
    for (int image = 0; image < layout.images; image++) {
      float keep = image == 0 ? 0 : 1;
      input.load(xs, image, in, layout);
      outputGradient.load(dys, image, out, layout);
      Matrix gradient = outputGradient.interior(layout);
      addWeightGradient(gradient, input.shifts(in, layout), layout.columns, keep, dw);
      Blas.multiplyVector(out, layout.columns, gradient, NativeMemory.pointer(one), 1, keep, db);
      if (dx != null && turnedWeight != null) {
        INDArray padded = inputResult.of(DataType.FLOAT, (long) in * layout.columns);
        convolve(outputGradient, out, turnedWeight, padded, layout);
        store(padded, NativeMemory.buffer(dx), image, layout, new float[in]);
      }
    }
  }

  /**
   * {@code dw = gradient shifted^T + keep dw}, as matrix times vector along the shorter side: as
   * one product, narrow and long as it is, it takes ten times as long in OpenBLAS.
   */
  private void addWeightGradient(
      Matrix gradient, Matrix shifted, int columns, float keep, FloatPointer dw) {
    int rows = in * kernel * kernel;
    if (out < rows) {
      for (int o = 0; o < out; o++) {
        FloatPointer to = new FloatPointer(dw).position((long) o * rows);
        Blas.multiplyVector(rows, columns, shifted, gradient.row(o), 1, keep, to);
      }
    } else {
      for (int row = 0; row < rows; row++) {
        FloatPointer to = new FloatPointer(dw).position(row);
        Blas.multiplyVector(out, columns, gradient, shifted.row(row), rows, keep, to);
      }
    }
  }

  /** Convolves one padded image into [channels, columns]. */
  private void convolve(
      PaddedImage image, int from, INDArray weights, INDArray padded, Layout layout) {
    int rows = from * kernel * kernel;
    Blas.multiply(
        Math.toIntExact(padded.length()) / layout.columns,
        layout.columns,
        rows,
        new Matrix(NativeMemory.pointer(weights), rows),
        image.shifts(from, layout),
        0,
        new Matrix(NativeMemory.pointer(padded), layout.columns));
  }

  /**
   * Copies [channels, columns] without the columns that are no pixels.
   *
   * @param addends one for each channel
   */
  private static void store(
      INDArray padded, FloatBuffer to, int image, Layout layout, float[] addends) {
    FloatBuffer from = NativeMemory.buffer(padded);
    float[] row = new float[layout.width];
    for (int c = 0; c < addends.length; c++) {
      for (int y = 0; y < layout.height; y++) {
        from.get(c * layout.columns + y * layout.stride, row);
        for (int i = 0; i < row.length; i++) {
          row[i] += addends[c];
        }
        to.put(((image * addends.length + c) * layout.height + y) * layout.width, row);
      }
    }
  }

  /** [in, out, k, k], each k x k turned by half a turn. */
  private INDArray turnedWeight() {
    int taps = kernel * kernel;
    float[] from = weight.value().reshape(weight.length()).toFloatVector();
    float[] to = new float[from.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        for (int tap = 0; tap < taps; tap++) {
          to[(i * out + o) * taps + taps - 1 - tap] = from[(o * in + i) * taps + tap];
        }
      }
    }
    INDArray array = turned.of(DataType.FLOAT, to.length);
    NativeMemory.buffer(array).put(0, to);
    return array;
  }

  @Override
  public void countMemory(StepMemory memory, long[] x, long[] y, boolean givesGradient) {
    Layout layout = new Layout(x, kernel);
    long taps = (long) kernel * kernel;
    memory.keep((long) in * layout.plane);
    memory.keep(in * taps * layout.columns);
    memory.keep((long) out * layout.columns);
    memory.keepGradient((long) out * layout.plane);
    memory.keepGradient(layout.columns);
    if (givesGradient) {
      memory.keepGradient(out * in * taps);
      memory.keepGradient(out * taps * layout.columns);
      memory.keepGradient((long) in * layout.columns);
    }
  }

  /** Sizes of an image and of its padded form. */
  private static final class Layout {
    final int images;
    final int height;
    final int width;
    final int kernel;
    final int padding;
    final int stride;
    final int columns;
    final int plane;

    Layout(long[] x, int kernel) {
      images = Math.toIntExact(x[0]);
      height = Math.toIntExact(x[2]);
      width = Math.toIntExact(x[3]);
      this.kernel = kernel;
      padding = (kernel - 1) / 2;
      stride = width + padding;
      columns = height * stride;
      plane = (height + 2 * padding) * stride + 2 * padding;
    }

    /** Of pixel (0, 0) in its padded plane. */
    int interior() {
      return padding * stride + padding;
    }
  }

  /** One image with zeros around its channels. */
  private static final class PaddedImage {
    private float[] planes = new float[0];
    private final Buffer memory = new Buffer();
    private final Buffer shifts = new Buffer();

    void load(FloatBuffer from, int image, int channels, Layout layout) {
      int length = channels * layout.plane;
      if (planes.length != length) {
        planes = new float[length];
      }
      Arrays.fill(planes, 0);
      for (int c = 0; c < channels; c++) {
        for (int y = 0; y < layout.height; y++) {
          from.get(
              ((image * channels + c) * layout.height + y) * layout.width,
              planes,
              c * layout.plane + layout.interior() + y * layout.stride,
              layout.width);
        }
      }
      NativeMemory.buffer(memory.of(DataType.FLOAT, length)).put(0, planes);
    }

    /** [channels, columns], with zeros in the columns that are no pixels. */
    Matrix interior(Layout layout) {
      INDArray array = memory.of(DataType.FLOAT, planes.length);
      return new Matrix(NativeMemory.pointer(array).position(layout.interior()), layout.plane);
    }

    /** [channels * k * k, columns], the im2col matrix. */
    Matrix shifts(int channels, Layout layout) {
      int rows = channels * layout.kernel * layout.kernel;
      INDArray array = shifts.of(DataType.FLOAT, (long) rows * layout.columns);
      FloatBuffer to = NativeMemory.buffer(array);
      int row = 0;
      for (int c = 0; c < channels; c++) {
        for (int dy = 0; dy < layout.kernel; dy++) {
          for (int dx = 0; dx < layout.kernel; dx++) {
            int offset = c * layout.plane + dy * layout.stride + dx;
            to.put(row * layout.columns, planes, offset, layout.columns);
            row++;
          }
        }
      }
      return new Matrix(NativeMemory.pointer(array), layout.columns);
    }
  }
}
