package org.fewstep.model.optim;

/**
 * Adam (Kingma, Ba, 2015) as {@code torch.optim.Adam} computes it, and AdamW (Loshchilov, Hutter,
 * 2019) as {@code torch.optim.AdamW} does. They differ in what the weight decay is added to: the
 * gradient, or the parameters themselves, scaled by the learning rate.
 */
final class Adam extends MomentOptimizer {
  private final boolean decoupledDecay;

  Adam(
      int size,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean decoupledDecay) {
    super(size, beta1, beta2, epsilon, weightDecay);
    this.decoupledDecay = decoupledDecay;
  }

  @Override
  void update(float[] parameters, float[] gradient, double learningRate, long step) {
    float[] m = firstMoment;
    float[] v = secondMoment;
    float keep1 = (float) (1 - beta1);
    float decay2 = (float) beta2;
    float keep2 = (float) (1 - beta2);
    float eps = epsilon;
    float shrink = decoupledDecay ? (float) (1 - learningRate * weightDecay) : 1;
    float pull = decoupledDecay ? 0 : (float) weightDecay;
    float stepSize = (float) (-learningRate / (1 - Math.pow(beta1, (double) step)));
    float correction = (float) Math.sqrt(1 - Math.pow(beta2, (double) step));
    for (int i = 0; i < parameters.length; i++) {
      float p = parameters[i] * shrink;
      float g = gradient[i] + pull * p;
      float mean = m[i] + keep1 * (g - m[i]);
      float square = v[i] * decay2 + keep2 * g * g;
      m[i] = mean;
      v[i] = square;
      parameters[i] = p + stepSize * mean / ((float) Math.sqrt(square) / correction + eps);
    }
  }

  @Override
  void move(float[] parameters, double learningRate, long step) {
    float[] m = firstMoment;
    float[] v = secondMoment;
    float eps = epsilon;
    float stepSize = (float) (-learningRate / (1 - Math.pow(beta1, (double) step)));
    float correction = (float) Math.sqrt(1 - Math.pow(beta2, (double) step));
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] += stepSize * m[i] / ((float) Math.sqrt(v[i]) / correction + eps);
    }
  }
}
