package org.fewstep.model.metrics;

import org.fewstep.model.data.ImageShape;

/** A fixed network that turns images into the feature vectors on which sets are compared. */
public interface FeatureNetwork extends AutoCloseable {
  /** Name of network and weights, as it stands in a score: "fashion-cnn". */
  String name();

  /**
   * Name of the Frechet distance on these features: {@code FD[name]}. Only the standard Inception
   * network may call it FID.
   */
  default String frechetMetric() {
    return "FD[" + name() + "]";
  }

  /** Length d of a feature vector. */
  int dimensions();

  /** Shape of the images it takes. */
  ImageShape input();

  /**
   * Features of the first {@code count} images.
   *
   * @param images [count, D] in [-1, 1], each image CHW; D is {@code input().size()}
   * @return [count, d] row-major
   */
  float[] features(double[] images, int count);

  @Override
  void close();
}
