package org.fewstep.config;

/**
 * The update rule and its learning rate over images seen.
 *
 * @param lr learning rate between warm-up and decay
 * @param warmupImages the first images, over which the rate rises from 0
 * @param decayImages the last images of the run, over which the rate falls linearly to 0
 */
public record OptimizerConfig(
    Kind kind,
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    long warmupImages,
    long decayImages) {

  /** Rectified Adam, Adam, or Adam with decoupled weight decay. */
  public enum Kind {
    RADAM,
    ADAM,
    ADAMW
  }

  public OptimizerConfig {
    Check.positive("lr", lr);
    Check.fractionBelowOne("beta1", beta1);
    Check.fractionBelowOne("beta2", beta2);
    Check.positive("eps", eps);
    Check.notNegative("weight-decay", weightDecay);
    Check.atLeast("warmup-images", warmupImages, 0);
    Check.atLeast("decay-images", decayImages, 0);
  }
}
