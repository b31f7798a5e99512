package org.fewstep.model.metrics;

import java.util.Map;
import java.util.Set;
import org.fewstep.model.data.ImageShape;

/** A fixed network that turns images into the feature vectors on which sets are compared. */
public interface FeatureNetwork extends AutoCloseable {
  /** Name of network, weights and preparation of the images, as it stands in a score. */
  String name();

  /** Whose weights these are, for people; empty where the name says all. */
  default String description() {
    return "";
  }

  /**
   * Whether these are the weights and the layers that the field means by FID and its companions.
   */
  default boolean isStandardInception() {
    return false;
  }

  /**
   * Whether its features are the images' own numbers, which are then taken as they are rather than
   * as pixels of 256 levels.
   */
  default boolean givesPoints() {
    return false;
  }

  /** What stands in brackets after the name of a metric: {@code FD[fashion-cnn]}. */
  default String label() {
    return name();
  }

  /** Name of the Frechet distance on these features. */
  default String frechetMetric() {
    return Metric.FRECHET.on(this);
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

  /** What it can give. */
  default Set<FeatureOutput> outputs() {
    return Set.of(FeatureOutput.POOLED);
  }

  /** Length of an output's vector. */
  default int dimensions(FeatureOutput output) {
    if (output != FeatureOutput.POOLED) {
      throw new IllegalArgumentException(name() + " gives no " + output);
    }
    return dimensions();
  }

  /**
   * All {@link #outputs} of the first {@code count} images.
   *
   * @param images as for {@link #features}
   * @return for each output [count, dimensions] row-major
   */
  default Map<FeatureOutput, float[]> extract(double[] images, int count) {
    return Map.of(FeatureOutput.POOLED, features(images, count));
  }

  @Override
  void close();
}
