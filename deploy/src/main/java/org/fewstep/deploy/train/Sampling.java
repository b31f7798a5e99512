package org.fewstep.deploy.train;

import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.SamplerKind;
import org.fewstep.model.sampler.HeunSampler;
import org.fewstep.model.sampler.Sampler;
import org.fewstep.model.sampler.TimeGrid;

/** From the names of samplers and time grids to what they name. */
public final class Sampling {
  private Sampling() {}

  /** The sampler of that name. */
  public static Sampler sampler(SamplerKind kind) {
    return switch (kind) {
      case PUSHFORWARD -> Sampler.PUSHFORWARD;
      case RESTART -> Sampler.RESTART;
      case EULER -> Sampler.EULER;
      case HEUN -> Sampler.HEUN;
      case DDIM -> Sampler.DDIM;
      case DDPM -> Sampler.DDPM;
      case SHORTCUT -> Sampler.SHORTCUT;
      case ANCESTRAL -> Sampler.ANCESTRAL;
    };
  }

  /** What a run's evaluations tell samplers. */
  public static Sampler.Options options(EvaluationConfig config) {
    return new Sampler.Options(
        config.ddimEta(),
        config.ddpmVariance() == EvaluationConfig.DdpmVariance.LARGE,
        new HeunSampler.Churn(
            config.churn(), config.churnMin(), config.churnMax(), config.churnNoise()));
  }

  /** The time grid of that name. */
  public static TimeGrid grid(org.fewstep.config.TimeGrid name) {
    return switch (name) {
      case UNIFORM -> TimeGrid.UNIFORM;
      case EDM -> TimeGrid.EDM;
    };
  }
}
