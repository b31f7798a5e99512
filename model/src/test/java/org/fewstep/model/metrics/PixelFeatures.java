package org.fewstep.model.metrics;

import org.fewstep.model.data.ImageShape;

/** The pixels themselves as features; counts the images it was shown. */
final class PixelFeatures implements FeatureNetwork {
  private final ImageShape shape;

  /** Images since this was last set to 0. */
  int shown;

  PixelFeatures(ImageShape shape) {
    this.shape = shape;
  }

  @Override
  public String name() {
    return "pixels";
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
  public float[] features(double[] pixels, int count) {
    shown += count;
    float[] features = new float[count * dimensions()];
    for (int i = 0; i < features.length; i++) {
      // As a rectifier does, this loses a NaN.
      features[i] = pixels[i] >= -1 ? (float) pixels[i] : 0;
    }
    return features;
  }

  @Override
  public void close() {}
}
