package org.fewstep.model.optim;

/**
 * Rectified Adam (Liu et al., "On the variance of the adaptive learning rate and beyond", 2020) as
 * {@code torch.optim.RAdam} computes it: while the variance of 1/sqrt(v) cannot be estimated (rho_t
 * &lt;= 5, the first five steps with beta2 = 0.999) the step is plain momentum, afterwards Adam's,
 * times the rectification r_t. Weight decay is added to the gradient.
 */
final class RAdam extends MomentOptimizer {
  RAdam(int size, double beta1, double beta2, double epsilon, double weightDecay) {
    super(size, beta1, beta2, epsilon, weightDecay);
  }

  @Override
  void update(float[] parameters, float[] gradient, double learningRate, long step) {
    updateMoments(parameters, gradient);
    move(parameters, learningRate, step);
  }

  @Override
  void move(float[] parameters, double learningRate, long step) {
    float[] m = firstMoment;
    float[] v = secondMoment;
    double power2 = Math.pow(beta2, (double) step);
    double correction1 = 1 - Math.pow(beta1, (double) step);
    double correction2 = 1 - power2;
    double rhoInfinity = 2 / (1 - beta2) - 1;
    double rho = rhoInfinity - 2 * step * power2 / correction2;
    if (rho > 5) {
      double rectification =
          Math.sqrt(
              (rho - 4) * (rho - 2) * rhoInfinity / ((rhoInfinity - 4) * (rhoInfinity - 2) * rho));
      float stepSize =
          (float) (-learningRate * rectification * Math.sqrt(correction2) / correction1);
      float eps = epsilon;
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] += stepSize * m[i] / ((float) Math.sqrt(v[i]) + eps);
      }
    } else {
      float stepSize = (float) (-learningRate / correction1);
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] += stepSize * m[i];
      }
    }
  }

  private void updateMoments(float[] parameters, float[] gradient) {
    float[] m = firstMoment;
    float[] v = secondMoment;
    float keep1 = (float) (1 - beta1);
    float decay2 = (float) beta2;
    float keep2 = (float) (1 - beta2);
    float pull = (float) weightDecay;
    for (int i = 0; i < parameters.length; i++) {
      float g = gradient[i] + pull * parameters[i];
      m[i] = m[i] + keep1 * (g - m[i]);
      v[i] = v[i] * decay2 + keep2 * g * g;
    }
  }
}
