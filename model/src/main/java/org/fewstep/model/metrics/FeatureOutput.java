package org.fewstep.model.metrics;

/** What a feature network can give of an image. */
public enum FeatureOutput {
  /** The feature vector that most scores are taken on. */
  POOLED,
  /** Features that know where in the image they are, for sFID. */
  SPATIAL,
  /** A classifier's scores before the softmax, without bias, for the Inception Score. */
  LOGITS
}
