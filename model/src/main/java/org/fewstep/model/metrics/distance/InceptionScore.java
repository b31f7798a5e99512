package org.fewstep.model.metrics.distance;

/**
 * Inception Score (Salimans et al. 2016, arXiv 1606.03498): {@code exp(mean_x KL(p(y|x) || p(y)))}
 * with p(y|x) the softmax of a classifier's logits and p(y) its mean over the images, for each of
 * ten parts of the images in their order, and the mean of the ten. Higher is better; 1 is the
 * least, the number of classes the most.
 *
 * @param value mean over the parts
 * @param standardDeviation over the parts (divisor their number)
 */
public record InceptionScore(double value, double standardDeviation) {
  /** Number of parts by custom. */
  public static final int PARTS = 10;

  /** The mean over {@link #PARTS} parts. */
  public static InceptionScore of(FeatureRows logits) {
    return of(logits, PARTS);
  }

  /**
   * The mean over parts; part i has the images from i n / parts to (i + 1) n / parts.
   *
   * @param logits [n, classes]
   * @return NaN when a logit is not finite
   * @throws IllegalArgumentException when there are fewer images than parts
   */
  public static InceptionScore of(FeatureRows logits, int parts) {
    int n = logits.count();
    if (parts < 1 || n < parts) {
      throw new IllegalArgumentException(
          "%d images cannot be cut into %d parts".formatted(n, parts));
    }
    double sum = 0;
    double squares = 0;
    for (int part = 0; part < parts; part++) {
      int from = (int) ((long) part * n / parts);
      int to = (int) ((part + 1L) * n / parts);
      double score = ofPart(logits, from, to);
      sum += score;
      squares += score * score;
    }
    double mean = sum / parts;
    return new InceptionScore(mean, Math.sqrt(Math.max(0, squares / parts - mean * mean)));
  }

  /** Mean KL = mean over x of sum_y p log p, minus sum_y m log m with m the mean of p. */
  private static double ofPart(FeatureRows logits, int from, int to) {
    int classes = logits.dimensions();
    double[] p = new double[classes];
    double[] mean = new double[classes];
    double negativeEntropy = 0;
    for (int image = from; image < to; image++) {
      logits.copy(image, p, 0);
      double max = Double.NEGATIVE_INFINITY;
      for (double logit : p) {
        max = Math.max(max, logit);
      }
      double total = 0;
      for (double logit : p) {
        total += Math.exp(logit - max);
      }
      double logTotal = max + Math.log(total);
      for (int c = 0; c < classes; c++) {
        double logP = p[c] - logTotal;
        double probability = Math.exp(logP);
        mean[c] += probability / (to - from);
        // p log p tends to 0 with p, but 0 times minus infinity is no number.
        negativeEntropy += probability == 0 ? 0 : probability * logP / (to - from);
      }
    }
    for (double m : mean) {
      negativeEntropy -= m == 0 ? 0 : m * Math.log(m);
    }
    return Math.exp(negativeEntropy);
  }
}
