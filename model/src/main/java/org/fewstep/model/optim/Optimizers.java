package org.fewstep.model.optim;

/**
 * The optimisers, with PyTorch's numbers: betas in [0, 1), epsilon added to the root of the second
 * moment, weight decay 0 for none.
 */
public final class Optimizers {
  private Optimizers() {}

  /** {@code torch.optim.Adam}; weight decay is added to the gradient. */
  public static Optimizer adam(
      int size, double beta1, double beta2, double epsilon, double weightDecay) {
    return new Adam(size, beta1, beta2, epsilon, weightDecay, false);
  }

  /**
   * {@code torch.optim.AdamW}; weight decay shrinks the parameters by 1 - learning rate * decay.
   */
  public static Optimizer adamW(
      int size, double beta1, double beta2, double epsilon, double weightDecay) {
    return new Adam(size, beta1, beta2, epsilon, weightDecay, true);
  }

  /** {@code torch.optim.RAdam}; weight decay is added to the gradient. */
  public static Optimizer radam(
      int size, double beta1, double beta2, double epsilon, double weightDecay) {
    return new RAdam(size, beta1, beta2, epsilon, weightDecay);
  }
}
