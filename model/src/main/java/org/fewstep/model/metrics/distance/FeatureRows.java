package org.fewstep.model.metrics.distance;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Feature vectors kept one by one, as float32: 4 d bytes each (50,000 of 2048 features take 400
 * MB), in pieces, so that adding never copies what is there. For scores that moments do not suffice
 * for. Not safe for use by several threads while it grows.
 */
public final class FeatureRows {
  private static final int CHUNK_ROWS = 1024;

  private final int dimensions;
  private final List<float[]> chunks = new ArrayList<>();
  private int count;
  private boolean finite = true;

  /**
   * @param dimensions length d of a feature vector
   */
  public FeatureRows(int dimensions) {
    if (dimensions < 1) {
      throw new IllegalArgumentException("feature vectors of " + dimensions + " dimensions");
    }
    this.dimensions = dimensions;
  }

  /** All of features [n, d] row-major; copied. */
  public static FeatureRows of(float[] features, int dimensions) {
    FeatureRows rows = new FeatureRows(dimensions);
    rows.add(features, features.length / dimensions);
    return rows;
  }

  /** Adds {@code rows} vectors that lie one after another: features [rows, d] row-major. */
  public void add(float[] features, int rows) {
    if (rows < 0 || (long) rows * dimensions > features.length) {
      throw new IllegalArgumentException(
          rows + " vectors of " + dimensions + " do not fit into " + features.length + " numbers");
    }
    for (int row = 0; row < rows; row++) {
      if (count % CHUNK_ROWS == 0) {
        chunks.add(new float[CHUNK_ROWS * dimensions]);
      }
      float[] chunk = chunks.get(count / CHUNK_ROWS);
      int to = count % CHUNK_ROWS * dimensions;
      for (int i = 0; i < dimensions; i++) {
        float value = features[row * dimensions + i];
        finite &= Float.isFinite(value);
        chunk[to + i] = value;
      }
      count++;
    }
  }

  /** Puts the vectors {@code from <= row < to} into a buffer, one after another. */
  public void copy(int from, int to, FloatBuffer target) {
    for (int row = from; row < to; row++) {
      target.put(chunks.get(row / CHUNK_ROWS), row % CHUNK_ROWS * dimensions, dimensions);
    }
  }

  /** Number of vectors. */
  public int count() {
    return count;
  }

  /** Length d of a vector. */
  public int dimensions() {
    return dimensions;
  }

  /** False when some vector holds a NaN or an infinity. */
  public boolean isFinite() {
    return finite;
  }

  /** Copies vector {@code row} into {@code target[offset .. offset + d)}. */
  public void copy(int row, double[] target, int offset) {
    float[] chunk = chunks.get(row / CHUNK_ROWS);
    int from = row % CHUNK_ROWS * dimensions;
    for (int i = 0; i < dimensions; i++) {
      target[offset + i] = chunk[from + i];
    }
  }

  /** Squared Euclidean distance of a vector here to one there, summed in float64. */
  double squaredDistance(int row, FeatureRows other, int otherRow) {
    float[] a = chunks.get(row / CHUNK_ROWS);
    float[] b = other.chunks.get(otherRow / CHUNK_ROWS);
    int fromA = row % CHUNK_ROWS * dimensions;
    int fromB = otherRow % CHUNK_ROWS * dimensions;
    double sum = 0;
    for (int i = 0; i < dimensions; i++) {
      double difference = (double) a[fromA + i] - b[fromB + i];
      sum += difference * difference;
    }
    return sum;
  }

  static void checkComparable(FeatureRows a, FeatureRows b) {
    if (a.dimensions != b.dimensions) {
      throw new IllegalArgumentException(
          "features of %d and of %d dimensions do not compare"
              .formatted(a.dimensions, b.dimensions));
    }
  }
}
