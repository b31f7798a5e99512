package org.fewstep.config;

/**
 * How trainers' work becomes one update.
 *
 * @param unitImages images in one unit of work
 * @param codec how parameters and gradients travel
 */
public record ExchangeConfig(Rule rule, int unitImages, Codec codec) {

  /** Trainers push gradients; the parameter server owns the optimiser. */
  public enum Rule {
    GRADIENT
  }

  /** Bits of an element on its way. */
  public enum Codec {
    FLOAT32,
    BFLOAT16
  }

  public ExchangeConfig {
    Check.atLeast("unit-images", unitImages, 1);
  }
}
