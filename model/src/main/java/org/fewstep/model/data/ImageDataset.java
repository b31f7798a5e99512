package org.fewstep.model.data;

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
   * SHA-256 (hex) over shape, pixels and labels in index order: two trainers with the same
   * fingerprint see the same images whatever file format they were read from.
   */
  String fingerprint();
}
