package org.fewstep.model.metrics;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasLower;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dsyrk;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;

/**
 * Running moments of feature vectors f of dimension d: how many there were, the sum of f and the
 * sum of f f^T, all in float64.
 *
 * <p>Vectors are collected into blocks, and a full block F [rows, d] is added to the second moment
 * as F^T F by one symmetric rank-k update. The same vectors in the same order give the same result
 * bit for bit, however they were cut into calls of {@code add}, as long as nothing is read in
 * between (a read closes the open block) and BLAS runs on the same number of threads.
 *
 * <p>Not safe for use by several threads: give each its own and join them with {@link #plus}.
 */
public final class Moments {
  /** Longest feature vector: its covariance takes 2 GiB. */
  public static final int MAX_DIMENSIONS = 16_383;

  private static final int BLOCK_ROWS = 256;

  private final int dimensions;
  private final double[] sum;

  // Outside the heap, because BLAS would be handed a copy of a heap array at every call.
  private final DoubleBuffer block;

  /** Sum of f f^T, [d, d] row-major; only the lower triangle is kept. */
  private final DoubleBuffer outer;

  private long count;
  private int blockRows;

  /**
   * @param dimensions length d of a feature vector, at most {@link #MAX_DIMENSIONS}
   */
  public Moments(int dimensions) {
    if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
      throw new IllegalArgumentException(
          "feature vectors have between 1 and %d dimensions, not %d"
              .formatted(MAX_DIMENSIONS, dimensions));
    }
    this.dimensions = dimensions;
    this.sum = new double[dimensions];
    this.block = direct(BLOCK_ROWS * dimensions);
    this.outer = direct(dimensions * dimensions);
  }

  /** Length d of a feature vector. */
  public int dimensions() {
    return dimensions;
  }

  /** Number of vectors added so far. */
  public long count() {
    return count;
  }

  /** Adds {@code rows} vectors that lie one after another: features [rows, d] row-major. */
  public void add(float[] features, int rows) {
    checkRows(features.length, rows);
    double[] vector = new double[dimensions];
    for (int row = 0; row < rows; row++) {
      int offset = row * dimensions;
      for (int i = 0; i < dimensions; i++) {
        vector[i] = features[offset + i];
      }
      addVector(vector, 0);
    }
  }

  /** Adds {@code rows} vectors that lie one after another: features [rows, d] row-major. */
  public void add(double[] features, int rows) {
    checkRows(features.length, rows);
    for (int row = 0; row < rows; row++) {
      addVector(features, row * dimensions);
    }
  }

  /** Moments of both sets together; neither operand changes. */
  public Moments plus(Moments other) {
    if (dimensions != other.dimensions) {
      throw new IllegalArgumentException(
          "moments of " + dimensions + " and of " + other.dimensions + " dimensions do not add up");
    }
    closeBlock();
    other.closeBlock();
    Moments total = new Moments(dimensions);
    total.count = count + other.count;
    for (int i = 0; i < dimensions; i++) {
      total.sum[i] = sum[i] + other.sum[i];
    }
    for (int i = 0; i < outer.capacity(); i++) {
      total.outer.put(i, outer.get(i) + other.outer.get(i));
    }
    return total;
  }

  /**
   * Mean of the vectors, [d].
   *
   * @throws IllegalStateException when there are none
   */
  public double[] mean() {
    if (count < 1) {
      throw new IllegalStateException("no vectors, so they have no mean");
    }
    double[] mean = new double[dimensions];
    for (int i = 0; i < dimensions; i++) {
      mean[i] = sum[i] / count;
    }
    return mean;
  }

  /**
   * Covariance (sum f f^T - n m m^T) / (n - 1) of the vectors, [d, d] row-major, exactly symmetric.
   *
   * @throws IllegalStateException when there are fewer than two
   */
  public double[] covariance() {
    if (count < 2) {
      throw new IllegalStateException("a covariance needs two vectors, there are " + count);
    }
    closeBlock();
    double[] mean = mean();
    double[] covariance = new double[dimensions * dimensions];
    for (int i = 0; i < dimensions; i++) {
      for (int j = 0; j <= i; j++) {
        double value = (outer.get(i * dimensions + j) - count * mean[i] * mean[j]) / (count - 1.0);
        covariance[i * dimensions + j] = value;
        covariance[j * dimensions + i] = value;
      }
    }
    return covariance;
  }

  /**
   * Count, mean and covariance.
   *
   * @throws IllegalStateException when there are fewer than two vectors
   */
  public Statistics statistics() {
    return new Statistics(count, mean(), covariance());
  }

  /**
   * Writes all that was added, also what is in the open block, so that {@link #readFrom} goes on
   * with the same result bit for bit.
   */
  void writeTo(DataOutput out) throws IOException {
    out.writeInt(dimensions);
    out.writeLong(count);
    for (double value : sum) {
      out.writeDouble(value);
    }
    for (int i = 0; i < dimensions; i++) {
      for (int j = 0; j <= i; j++) {
        out.writeDouble(outer.get(i * dimensions + j));
      }
    }
    out.writeInt(blockRows);
    for (int i = 0; i < blockRows * dimensions; i++) {
      out.writeDouble(block.get(i));
    }
  }

  /**
   * What {@link #writeTo} wrote.
   *
   * @throws IOException if these are no moments of vectors of that length
   */
  static Moments readFrom(DataInput in, int dimensions) throws IOException {
    if (in.readInt() != dimensions) {
      throw new IOException("it holds moments of other dimensions");
    }
    Moments moments = new Moments(dimensions);
    moments.count = in.readLong();
    for (int i = 0; i < dimensions; i++) {
      moments.sum[i] = in.readDouble();
    }
    for (int i = 0; i < dimensions; i++) {
      for (int j = 0; j <= i; j++) {
        moments.outer.put(i * dimensions + j, in.readDouble());
      }
    }
    moments.blockRows = in.readInt();
    if (moments.blockRows < 0 || moments.blockRows >= BLOCK_ROWS) {
      throw new IOException("it holds no open block of moments");
    }
    for (int i = 0; i < moments.blockRows * dimensions; i++) {
      moments.block.put(i, in.readDouble());
    }
    return moments;
  }

  private void addVector(double[] source, int offset) {
    for (int i = 0; i < dimensions; i++) {
      sum[i] += source[offset + i];
    }
    block.put(blockRows * dimensions, source, offset, dimensions);
    count++;
    if (++blockRows == BLOCK_ROWS) {
      closeBlock();
    }
  }

  private void closeBlock() {
    if (blockRows == 0) {
      return;
    }
    cblas_dsyrk(
        CblasRowMajor,
        CblasLower,
        CblasTrans,
        dimensions,
        blockRows,
        1.0,
        block,
        dimensions,
        1.0,
        outer,
        dimensions);
    blockRows = 0;
  }

  private void checkRows(int length, int rows) {
    if (rows < 0 || (long) rows * dimensions > length) {
      throw new IllegalArgumentException(
          rows + " vectors of " + dimensions + " features do not fit into " + length + " numbers");
    }
  }

  private static DoubleBuffer direct(int length) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(length, Double.BYTES))
        .order(ByteOrder.nativeOrder())
        .asDoubleBuffer();
  }
}
