package org.fewstep.model.metrics.distance;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dgemm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.function.IntUnaryOperator;

/** Some feature vectors as a float64 matrix [rows, d] that BLAS reads without a copy. */
final class RowBlock {
  private final int dimensions;
  private final DoubleBuffer matrix;
  private final double[] vector;
  private final double[] squaredNorms;
  private int rows;

  RowBlock(int capacity, int dimensions) {
    this.dimensions = dimensions;
    this.matrix = direct(Math.multiplyExact(capacity, dimensions));
    this.vector = new double[dimensions];
    this.squaredNorms = new double[capacity];
  }

  /**
   * Takes {@code count} vectors.
   *
   * @param index which vector each row is
   */
  void load(FeatureRows source, int count, IntUnaryOperator index) {
    rows = count;
    for (int row = 0; row < count; row++) {
      source.copy(index.applyAsInt(row), vector, 0);
      matrix.put(row * dimensions, vector);
      double sum = 0;
      for (double value : vector) {
        sum += value * value;
      }
      squaredNorms[row] = sum;
    }
  }

  int rows() {
    return rows;
  }

  double squaredNorm(int row) {
    return squaredNorms[row];
  }

  /**
   * Inner products x y^T of the rows of both: [rows, other.rows] row-major, into {@code result}.
   */
  void products(RowBlock other, DoubleBuffer result) {
    cblas_dgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasTrans,
        rows,
        other.rows,
        dimensions,
        1.0,
        matrix,
        dimensions,
        other.matrix,
        dimensions,
        0.0,
        result,
        other.rows);
  }

  static DoubleBuffer direct(int length) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(length, Double.BYTES))
        .order(ByteOrder.nativeOrder())
        .asDoubleBuffer();
  }
}
