package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.fewstep.model.network.op.Blas.Matrix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link MultiHeadAttention} by {@link Sgemm} on strides of qkv, for float32 on the CPU: a head's q
 * is a matrix [T, D/heads] with rows 3D apart, so nothing is permuted or copied. The softmax
 * between the products is Java ({@link Exponentials}).
 *
 * <p>The weights [T,T] of all heads would be the largest activation of a transformer, so they are
 * not kept: backward recomputes the logits, and of the softmax only each row's logarithm of the sum
 * is kept.
 *
 * <p>A head's products and softmax follow each other on one thread, so that its weights stay in
 * that core's cache; the threads share the heads.
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
    Scratch scratch = new Scratch(weights, layout);
    forEachHead(
        layout,
        (head, worker) -> {
          Matrix w = scratch.matrix(worker);
          head.product(head.q(from), head.k(from).transpose(), w);
          softmax(head, scratch.rows(worker));
          head.gather(w, head.v(from), head.y(to));
        });
  }

  @Override
  public void backward(INDArray qkv, INDArray dy, INDArray dQkv) {
    Head.Layout layout = new Head.Layout(qkv, heads);
    FloatPointer from = NativeMemory.pointer(qkv);
    FloatPointer dys = NativeMemory.pointer(dy);
    FloatPointer to = NativeMemory.pointer(dQkv);
    Scratch scratch = new Scratch(weights, layout);
    Scratch gradients = new Scratch(weightGradients, layout);
    forEachHead(
        layout,
        (head, worker) -> {
          Matrix w = scratch.matrix(worker);
          Matrix dw = gradients.matrix(worker);
          head.product(head.q(from), head.k(from).transpose(), w);
          head.product(head.y(dys), head.v(from).transpose(), dw);
          softmaxGradient(head, scratch.rows(worker), gradients.rows(worker));
          head.gather(w.transpose(), head.y(dys), head.v(to));
          head.gather(dw, head.k(from), head.q(to));
          head.gather(dw.transpose(), head.q(from), head.k(to));
        });
  }

  /** Turns logits (before scaling) into weights. */
  private void softmax(Head head, FloatBuffer rows) {
    int tokens = head.layout.tokens;
    float[] row = new float[tokens];
    Exponentials exponentials = Exponentials.ofThread(tokens);
    float scale = (float) (LOG2_E * head.layout.scale());
    for (int t = 0; t < tokens; t++) {
      rows.get(t * tokens, row);
      float shift = FloatMath.max(row) * scale;
      exponentials.powersOfTwo(row, scale, shift);
      float sum = FloatMath.sum(row, 0, tokens);
      FloatMath.scale(row, 1 / sum);
      logSums[head.index * tokens + t] = shift + (float) (Math.log(sum) * LOG2_E);
      rows.put(t * tokens, row);
    }
  }

  /** Turns logits into weights, and the weights' gradient into that of the unscaled logits. */
  private void softmaxGradient(Head head, FloatBuffer rows, FloatBuffer gradients) {
    int tokens = head.layout.tokens;
    float[] w = new float[tokens];
    float[] g = new float[tokens];
    Exponentials exponentials = Exponentials.ofThread(tokens);
    float scale = (float) head.layout.scale();
    for (int t = 0; t < tokens; t++) {
      rows.get(t * tokens, w);
      gradients.get(t * tokens, g);
      exponentials.powersOfTwo(w, (float) (LOG2_E * scale), logSums[head.index * tokens + t]);
      float along = FloatMath.dot(w, g, 0, tokens);
      for (int i = 0; i < tokens; i++) {
        g[i] = scale * w[i] * (g[i] - along);
      }
      rows.put(t * tokens, w);
      gradients.put(t * tokens, g);
    }
  }

  private interface PerHead {
    void compute(Head head, int worker);
  }

  private static void forEachHead(Head.Layout layout, PerHead work) {
    Parallel.forRange(
        layout.count(), (worker, head) -> work.compute(new Head(layout, head), worker));
  }

  /** A matrix [T,T] for each worker. */
  private static final class Scratch {
    private final INDArray memory;
    private final int tokens;

    Scratch(Buffer buffer, Head.Layout layout) {
      tokens = layout.tokens;
      memory = buffer.of(DataType.FLOAT, Parallel.workers(layout.count()), tokens, tokens);
    }

    Matrix matrix(int worker) {
      return new Matrix(
          NativeMemory.pointer(memory).position((long) worker * tokens * tokens), tokens);
    }

    FloatBuffer rows(int worker) {
      return NativeMemory.buffer(memory, (long) worker * tokens * tokens, tokens * tokens);
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

      /** Heads of all images. */
      int count() {
        return images * heads;
      }

      double scale() {
        return 1 / Math.sqrt(width / (double) heads);
      }
    }

    private final Layout layout;
    private final int index;
    private final long image;
    private final int offset;

    /**
     * @param index over all images' heads
     */
    Head(Layout layout, int index) {
      this.layout = layout;
      this.index = index;
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
      Sgemm.multiplyAlone(layout.tokens, layout.tokens, channels(), a, b, 0, result);
    }

    /** [T, channels] of weights [T,T] and what they weigh. */
    void gather(Matrix w, Matrix values, Matrix result) {
      Sgemm.multiplyAlone(layout.tokens, channels(), layout.tokens, w, values, 0, result);
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
