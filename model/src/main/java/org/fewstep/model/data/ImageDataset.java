package org.fewstep.model.data;

import org.fewstep.model.random.CounterRandom;

/** A fixed, indexed set of images of one shape, safe to read from several threads. */
public interface ImageDataset {
  /** Number of images N; indices run from 0 to N-1. */
  int count();

  ImageShape shape();

  /** Number of classes, 0 for a set without labels. */
  int classes();

  /** Class of an image, in [0, classes); -1 in a set without labels. */
  int label(int index);

  /**
   * Copies one image, scaled to [-1, 1] (pixel / 127.5 - 1), into {@code target[offset ..
   * offset+shape().size())}, CHW.
   */
  void read(int index, double[] target, int offset);

  /**
   * As {@link #read}, for training: an image that is known as a distribution is drawn from it.
   *
   * @param random gives as many numbers for one image as for any other
   */
  default void draw(int index, CounterRandom random, double[] target, int offset) {
    read(index, target, offset);
  }

  /**
   * SHA-256 (hex) over shape, pixels and labels in index order: two trainers with the same
   * fingerprint see the same images whatever file format they were read from.
   */
  String fingerprint();
}
