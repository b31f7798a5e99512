package org.fewstep.model.metrics.classifier;

/**
 * Cross-entropy of the softmax against labels smoothed by epsilon (Szegedy et al., 2016): the
 * target of class k is {@code epsilon / K}, plus {@code 1 - epsilon} where k is the label. In
 * float64, with its gradient {@code (softmax - target) / n} in closed form.
 *
 * @param loss mean over the images
 * @param gradient d loss / d logits, [n, K] row-major
 * @param correct number of images whose greatest logit is that of their label
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record SoftmaxCrossEntropy(double loss, double[] gradient, int correct) {

  /**
   * Evaluates all of it.
   *
   * @param logits [n, K] row-major with n = labels.length
   * @param smoothing epsilon in [0, 1)
   */
  static SoftmaxCrossEntropy of(double[] logits, int[] labels, double smoothing) {
    int n = labels.length;
    int classes = logits.length / n;
    double[] gradient = new double[logits.length];
    double loss = 0;
    int correct = 0;
    for (int i = 0; i < n; i++) {
      int row = i * classes;
      int best = 0;
      for (int k = 1; k < classes; k++) {
        best = logits[row + k] > logits[row + best] ? k : best;
      }
      correct += best == labels[i] ? 1 : 0;
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        sum += Math.exp(logits[row + k] - logits[row + best]);
      }
      double logSum = logits[row + best] + Math.log(sum);
      for (int k = 0; k < classes; k++) {
        double logProbability = logits[row + k] - logSum;
        double target = smoothing / classes + (k == labels[i] ? 1 - smoothing : 0);
        loss -= target * logProbability / n;
        gradient[row + k] = (Math.exp(logProbability) - target) / n;
      }
    }
    return new SoftmaxCrossEntropy(loss, gradient, correct);
  }
}
