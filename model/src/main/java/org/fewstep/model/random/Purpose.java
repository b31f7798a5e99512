package org.fewstep.model.random;

/** What a stream of random numbers is for; streams of different purposes are independent. */
public enum Purpose {
  /** Initial weights; index = position of the tensor in the parameter table. */
  INITIALISATION(1),
  /** Order of the images; index = epoch. */
  IMAGE_ORDER(2),
  /** Horizontal flips; index = unit. */
  FLIP(3),
  /** The noise eps of the states; index = unit. */
  NOISE(4),
  /** The times t and s; index = unit. */
  TIME(5),
  /** Which labels are dropped; index = unit. */
  LABEL_DROP(6),
  /** Dropout masks; index = unit. */
  DROPOUT(7),
  /** Prior noise of a sample; index = sample. */
  PRIOR(8),
  /** Fresh noise of a restart sampler; index = sample. */
  RESTART(9),
  /** Class of a sample; index = sample. */
  SAMPLE_CLASS(10),
  /** Training a feature network; index = step. */
  FEATURES(11),
  /** What latents are drawn from their distributions; index = unit. */
  LATENT(12),
  /** A point of a toy world; index = point. */
  TOY_POINT(13),
  /** Fresh noise between a state and an earlier one; index = unit. */
  BRIDGE(14),
  /** Which images enter a subset of a score; index = subset. */
  SCORE_SUBSET(20),
  /** Gaussian features that a score of few samples is judged by; index = feature vector. */
  SCORE_GAUSSIAN(21),
  /** Directions of a sliced distance; index = direction. */
  SCORE_DIRECTION(22);

  /** Part of the key: never reuse or change a number, or old runs cannot be repeated. */
  final int code;

  Purpose(int code) {
    this.code = code;
  }
}
