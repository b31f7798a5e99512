package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.network.op.Blas.Matrix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link MultiHeadAttention} by OpenBLAS on strides of qkv, for float32 on the CPU: a head's q is a
 * matrix [T, D/heads] with rows 3D apart, so nothing is permuted or copied. The softmax between the
 * products is Java ({@link Exponentials}).
 *
 * <p>The weights [T,T] of all heads would be the largest activation of a transformer, so they are
 * not kept: backward recomputes the logits, and of the softmax only each row's logarithm of the sum
 * is kept.
 *
 * <p>Heads go through in groups, the products of a group one after the other (OpenBLAS has threads
 * of its own), their softmax in parallel; with one thread a group is one head, whose weights stay
 * in cache.
 */
final class FusedAttention implements MultiHeadAttention.Kernel {
  private static final double LOG2_E = 1 / Math.log(2);

  private final int heads;
  private final Buffer weights = new Buffer();
  private final Buffer weightGradients = new Buffer();
  private float[] logSums = new float[0];

  FusedAttention(int heads) {
    this.heads = heads;
  }

  @Override
  public void forward(INDArray qkv, INDArray y) {
    Head.Layout layout = new Head.Layout(qkv, heads);
    if (logSums.length != layout.images * heads * layout.tokens) {
      logSums = new float[layout.images * heads * layout.tokens];
    }
    FloatPointer from = NativeMemory.pointer(qkv);
    FloatPointer to = NativeMemory.pointer(y);
    forEachGroup(
        layout,
        (first, count) -> {
          Scratch w = new Scratch(weights, count, layout.tokens);
          for (int i = 0; i < count; i++) {
            Head head = new Head(layout, first + i);
            head.product(head.q(from), head.k(from).transpose(), w.matrix(i));
          }
          Parallel.forRange(count, i -> softmax(layout, first + i, w.rows(i)));
          for (int i = 0; i < count; i++) {
            Head head = new Head(layout, first + i);
            head.gather(w.matrix(i), head.v(from), head.y(to));
          }
        });
  }

  @Override
  public void backward(INDArray qkv, INDArray dy, INDArray dQkv) {
    Head.Layout layout = new Head.Layout(qkv, heads);
    FloatPointer from = NativeMemory.pointer(qkv);
    FloatPointer dys = NativeMemory.pointer(dy);
    FloatPointer to = NativeMemory.pointer(dQkv);
    forEachGroup(
        layout,
        (first, count) -> {
          Scratch w = new Scratch(weights, count, layout.tokens);
          Scratch dw = new Scratch(weightGradients, count, layout.tokens);
          for (int i = 0; i < count; i++) {
            Head head = new Head(layout, first + i);
            head.product(head.q(from), head.k(from).transpose(), w.matrix(i));
            head.product(head.y(dys), head.v(from).transpose(), dw.matrix(i));
          }
          Parallel.forRange(count, i -> softmaxGradient(layout, first + i, w.rows(i), dw.rows(i)));
          for (int i = 0; i < count; i++) {
            Head head = new Head(layout, first + i);
            head.gather(w.matrix(i).transpose(), head.y(dys), head.v(to));
            head.gather(dw.matrix(i), head.k(from), head.q(to));
            head.gather(dw.matrix(i).transpose(), head.q(from), head.k(to));
          }
        });
  }

  /** Turns logits (before scaling) into weights. */
  private void softmax(Head.Layout layout, int head, FloatBuffer rows) {
    int tokens = layout.tokens;
    float[] row = new float[tokens];
    Exponentials exponentials = Exponentials.ofThread(tokens);
    float scale = (float) (LOG2_E * layout.scale());
    for (int t = 0; t < tokens; t++) {
      rows.get(t * tokens, row);
      float shift = FloatMath.max(row) * scale;
      exponentials.powersOfTwo(row, scale, shift);
      float sum = FloatMath.sum(row, 0, tokens);
      FloatMath.scale(row, 1 / sum);
      logSums[head * tokens + t] = shift + (float) (Math.log(sum) * LOG2_E);
      rows.put(t * tokens, row);
    }
  }

  /** Turns logits into weights, and the weights' gradient into that of the unscaled logits. */
  private void softmaxGradient(
      Head.Layout layout, int head, FloatBuffer rows, FloatBuffer gradients) {
    int tokens = layout.tokens;
    float[] w = new float[tokens];
    float[] g = new float[tokens];
    Exponentials exponentials = Exponentials.ofThread(tokens);
    float scale = (float) layout.scale();
    for (int t = 0; t < tokens; t++) {
      rows.get(t * tokens, w);
      gradients.get(t * tokens, g);
      exponentials.powersOfTwo(w, (float) (LOG2_E * scale), logSums[head * tokens + t]);
      float along = FloatMath.dot(w, g, 0, tokens);
      for (int i = 0; i < tokens; i++) {
        g[i] = scale * w[i] * (g[i] - along);
      }
      rows.put(t * tokens, w);
      gradients.put(t * tokens, g);
    }
  }

  private interface Group {
    void compute(int first, int count);
  }

  private void forEachGroup(Head.Layout layout, Group group) {
    int count = CpuThreads.count() == 1 ? 1 : heads;
    for (int first = 0; first < layout.images * heads; first += count) {
      group.compute(first, count);
    }
  }

  /** Matrices [T,T] of a group of heads. */
  private static final class Scratch {
    private final INDArray memory;
    private final int tokens;

    Scratch(Buffer buffer, int count, int tokens) {
      this.memory = buffer.of(DataType.FLOAT, count, tokens, tokens);
      this.tokens = tokens;
    }

    Matrix matrix(int index) {
      return new Matrix(
          NativeMemory.pointer(memory).position((long) index * tokens * tokens), tokens);
    }

    FloatBuffer rows(int index) {
      return NativeMemory.buffer(memory, (long) index * tokens * tokens, tokens * tokens);
    }
  }

  /** Where one image's head lies. */
  private static final class Head {
    /** Sizes of [N,T,3D]. */
    static final class Layout {
      final int images;
      final int tokens;
      final int width;
      final int heads;

      Layout(INDArray qkv, int heads) {
        images = Math.toIntExact(qkv.size(0));
        tokens = Math.toIntExact(qkv.size(1));
        width = Math.toIntExact(qkv.size(2) / 3);
        this.heads = heads;
      }

      double scale() {
        return 1 / Math.sqrt(width / (double) heads);
      }
    }

    private final Layout layout;
    private final long image;
    private final int offset;

    /**
     * @param index over all images' heads
     */
    Head(Layout layout, int index) {
      this.layout = layout;
      this.image = index / layout.heads;
      this.offset = index % layout.heads * (layout.width / layout.heads);
    }

    Matrix q(FloatPointer qkv) {
      return part(qkv, 0);
    }

    Matrix k(FloatPointer qkv) {
      return part(qkv, 1);
    }

    Matrix v(FloatPointer qkv) {
      return part(qkv, 2);
    }

    Matrix y(FloatPointer tokens) {
      long start = image * layout.tokens * layout.width + offset;
      return new Matrix(new FloatPointer(tokens).position(start), layout.width);
    }

    /** [T,T] of two matrices along the head's channels. */
    void product(Matrix a, Matrix b, Matrix result) {
      Blas.multiply(layout.tokens, layout.tokens, channels(), a, b, 0, result);
    }

    /** [T, channels] of weights [T,T] and what they weigh. */
    void gather(Matrix w, Matrix values, Matrix result) {
      Blas.multiply(layout.tokens, channels(), layout.tokens, w, values, 0, result);
    }

    private int channels() {
      return layout.width / layout.heads;
    }

    private Matrix part(FloatPointer qkv, int index) {
      long start = image * layout.tokens * 3 * layout.width + (long) index * layout.width + offset;
      return new Matrix(new FloatPointer(qkv).position(start), 3 * layout.width);
    }
  }
}
