package org.fewstep.model.metrics.classifier;

import java.util.Arrays;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.FeatureNetwork;

/**
 * The classifier's penultimate layer as features. The network always sees the same number of images
 * at once, so that an image's features do not depend on how many come with it. An instance belongs
 * to one thread.
 */
public final class FashionCnnFeatures implements FeatureNetwork {
  private static final int BATCH_IMAGES = 100;

  private final String name;
  private final FashionCnn network;
  private final float[] batch = new float[BATCH_IMAGES * FashionCnn.INPUT.size()];

  /**
   * Features by the given weights.
   *
   * @param name the network's name in scores
   */
  public FashionCnnFeatures(String name, FashionCnnWeights weights) {
    this.name = name;
    this.network = weights.network();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int dimensions() {
    return FashionCnn.FEATURES;
  }

  @Override
  public ImageShape input() {
    return FashionCnn.INPUT;
  }

  @Override
  public float[] features(double[] images, int count) {
    int size = FashionCnn.INPUT.size();
    if (count < 0 || (long) count * size > images.length) {
      throw new IllegalArgumentException(
          "%d images do not fit into %d numbers".formatted(count, images.length));
    }
    float[] features = new float[count * FashionCnn.FEATURES];
    for (int start = 0; start < count; start += BATCH_IMAGES) {
      int n = Math.min(BATCH_IMAGES, count - start);
      for (int i = 0; i < n * size; i++) {
        batch[i] = (float) images[start * size + i];
      }
      Arrays.fill(batch, n * size, batch.length, 0);
      System.arraycopy(
          network.features(batch, BATCH_IMAGES),
          0,
          features,
          start * FashionCnn.FEATURES,
          n * FashionCnn.FEATURES);
    }
    return features;
  }

  @Override
  public void close() {
    // Memory belongs to ND4J's garbage collection.
  }
}
