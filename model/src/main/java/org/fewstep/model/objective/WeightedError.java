package org.fewstep.model.objective;

/**
 * Mean over images of a weighted distance from targets that count as constants.
 *
 * @param loss the mean
 * @param gradient its derivative with respect to the model's images, [N*D]
 */
public record WeightedError(double loss, double[] gradient) {
  /**
   * Compares N images.
   *
   * @param y the model's, [N*D]
   * @param targets [N*D]
   * @param weight of each image, [N]
   */
  public static WeightedError of(
      double[] y, double[] targets, double[] weight, ImageDistance distance) {
    int count = weight.length;
    int size = y.length / count;
    double loss = 0;
    double[] gradient = new double[y.length];
    for (int n = 0; n < count; n++) {
      double q = 0;
      for (int i = n * size; i < (n + 1) * size; i++) {
        gradient[i] = y[i] - targets[i];
        q += gradient[i] * gradient[i];
      }
      double share = weight[n] / count;
      loss += share * distance.value(q, size);
      double slope = share * distance.slope(q, size);
      for (int i = n * size; i < (n + 1) * size; i++) {
        gradient[i] *= slope;
      }
    }
    return new WeightedError(loss, gradient);
  }
}
