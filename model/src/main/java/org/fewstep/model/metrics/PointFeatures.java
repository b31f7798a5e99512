package org.fewstep.model.metrics;

import org.fewstep.model.data.ImageShape;

/** The coordinates of points themselves. */
final class PointFeatures implements FeatureNetwork {
  private final ImageShape shape;

  PointFeatures(ImageShape shape) {
    this.shape = shape;
  }

  @Override
  public String name() {
    return FeatureNetworks.POINTS;
  }

  @Override
  public boolean givesPoints() {
    return true;
  }

  @Override
  public int dimensions() {
    return shape.size();
  }

  @Override
  public ImageShape input() {
    return shape;
  }

  @Override
  public float[] features(double[] images, int count) {
    float[] features = new float[count * shape.size()];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) images[i];
    }
    return features;
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
