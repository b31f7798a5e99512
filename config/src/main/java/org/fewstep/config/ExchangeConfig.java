package org.fewstep.config;

/**
 * How trainers' work becomes one update.
 *
 * @param unitImages images in one unit of work
 */
public record ExchangeConfig(Rule rule, int unitImages) {

  /** Trainers push gradients; the parameter server owns the optimiser. */
  public enum Rule {
    GRADIENT
  }

  public ExchangeConfig {
    Check.atLeast("unit-images", unitImages, 1);
  }
}
