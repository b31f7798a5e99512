package org.fewstep.config;

/** How prior noise becomes an image in several steps. */
public enum SamplerKind {
  /** Each step starts where the last one ended; of a denoiser's model, DDIM. */
  PUSHFORWARD,
  /** Each step goes to the data and back to the next time with fresh noise. */
  RESTART,
  /** Euler's method on the velocity. */
  EULER,
  /** Heun's method on EDM's ODE, with churn where asked for. */
  HEUN,
  /** DDIM, with as much fresh noise as asked for. */
  DDIM,
  /** DDPM's ancestral sampling. */
  DDPM,
  /** Equal steps of a size that is one over a power of two. */
  SHORTCUT,
  /** Ancestral steps of a distilled student, whose last image is the sample. */
  ANCESTRAL;

  /** Whether it asks for the mean of the data at one time, which step models do not learn. */
  public boolean needsDenoiser() {
    return switch (this) {
      case PUSHFORWARD, EULER, HEUN, DDIM, DDPM -> true;
      case RESTART, SHORTCUT, ANCESTRAL -> false;
    };
  }
}
