package org.fewstep.config;

/**
 * The images to learn from.
 *
 * @param path a file or folder, or {@code builtin:NAME} for a data set that ships with the program
 * @param flip whether each image is mirrored left to right with probability 1/2
 * @param augment probability of each geometric augmentation (Karras et al. 2022, appendix F.2); 0
 *     for none
 * @param labels whether the data set's labels condition the network
 * @param expected what the images must be
 */
public record DataConfig(
    String path, boolean flip, double augment, boolean labels, ExpectedData expected) {
  public DataConfig {
    Check.notBlank("path", path);
    Check.fraction("augment", augment);
  }
}
