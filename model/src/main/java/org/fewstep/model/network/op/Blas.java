package org.fewstep.model.network.op;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.ndarray.INDArray;

/** OpenBLAS on row-major float32 matrices in memory that ND4J does not see as matrices. */
final class Blas {
  private static final int ROW_MAJOR = 101;
  private static final int AS_IS = 111;
  private static final int TRANSPOSED = 112;

  private Blas() {}

  /**
   * A matrix as it lies in memory.
   *
   * @param start its first element, position included
   * @param stride from one row to the next
   */
  record Matrix(FloatPointer start, int stride, boolean transposed) {
    Matrix(FloatPointer start, int stride) {
      this(start, stride, false);
    }

    Matrix transpose() {
      return new Matrix(start, stride, !transposed);
    }

    /** A contiguous [m,n] on its own memory. */
    static Matrix of(INDArray array) {
      long columns = array.size(1);
      if (array.stride(1) != 1 && columns > 1 || array.stride(0) != columns && array.size(0) > 1) {
        throw new IllegalArgumentException("rows do not follow each other: " + array.shapeInfo());
      }
      return new Matrix(NativeMemory.pointer(array), Math.toIntExact(columns));
    }

    /** What is left of it from a row on. */
    Matrix fromRow(int index) {
      long offset = transposed ? index : (long) index * stride;
      return new Matrix(
          new FloatPointer(start).position(start.position() + offset), stride, transposed);
    }

    FloatPointer row(int index) {
      return new FloatPointer(start).position(start.position() + (long) index * stride);
    }

    private int order() {
      return transposed ? TRANSPOSED : AS_IS;
    }
  }

  /** {@code c = a b + keep c}, with a [m,k], b [k,n] and c [m,n]. */
  static void multiply(int m, int n, int k, Matrix a, Matrix b, float keep, Matrix c) {
    openblas.cblas_sgemm(
        ROW_MAJOR, a.order(), b.order(), m, n, k, 1, a.start, a.stride, b.start, b.stride, keep,
        c.start, c.stride);
  }

  /**
   * {@code y = a x + keep y}, with a [m,n].
   *
   * @param yStride from one element of y to the next
   */
  static void multiplyVector(
      int m, int n, Matrix a, FloatPointer x, int yStride, float keep, FloatPointer y) {
    openblas.cblas_sgemv(ROW_MAJOR, a.order(), m, n, 1, a.start, a.stride, x, 1, keep, y, yStride);
  }
}
