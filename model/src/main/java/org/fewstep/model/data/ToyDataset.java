package org.fewstep.model.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;

/** So many points of a world, drawn once and always the same, as images of two channels. */
final class ToyDataset implements ImageDataset {
  private static final int TRAINING_POINTS = 50_000;
  private static final int TEST_POINTS = 2000;
  private static final long SEED = 20;

  private final int classes;
  private final double[] points;
  private final int[] labels;
  private final String fingerprint;

  private ToyDataset(ToyWorld world, long first, int count) {
    this.classes = world.classes();
    this.points = new double[2 * count];
    this.labels = new int[count];
    double[] point = new double[2];
    for (int i = 0; i < count; i++) {
      labels[i] = world.draw(CounterRandom.of(SEED, Purpose.TOY_POINT, first + i), point);
      System.arraycopy(point, 0, points, 2 * i, 2);
    }
    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * points.length + Integer.BYTES * count);
    Arrays.stream(points).forEach(bytes::putDouble);
    Arrays.stream(labels).forEach(bytes::putInt);
    this.fingerprint = Sha256.of(bytes.array());
  }

  static ToyDataset training(ToyWorld world) {
    return new ToyDataset(world, 0, TRAINING_POINTS);
  }

  /** Points that are none of those to train on. */
  static ToyDataset test(ToyWorld world) {
    return new ToyDataset(world, TRAINING_POINTS, TEST_POINTS);
  }

  @Override
  public int count() {
    return labels.length;
  }

  @Override
  public ImageShape shape() {
    return ImageShape.POINT;
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void read(int index, double[] target, int offset) {
    System.arraycopy(points, 2 * index, target, offset, 2);
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }
}
