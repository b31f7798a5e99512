package org.fewstep.model.metrics.classifier;

import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;

/** The beginning of a data set, for tests that cannot wait for all of it. */
record FirstImages(ImageDataset all, int count) implements ImageDataset {
  @Override
  public ImageShape shape() {
    return all.shape();
  }

  @Override
  public int classes() {
    return all.classes();
  }

  @Override
  public int label(int index) {
    return all.label(index);
  }

  @Override
  public void read(int index, double[] target, int offset) {
    all.read(index, target, offset);
  }

  @Override
  public String fingerprint() {
    return all.fingerprint() + "[0.." + count + ")";
  }
}
