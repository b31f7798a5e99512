package org.fewstep.config;

import java.util.OptionalInt;

/** What training minimises; {@code objective.kind} names the permitted record, in lower case. */
public sealed interface ObjectiveConfig
    permits ObjectiveConfig.Imm,
        ObjectiveConfig.FlowMatching,
        ObjectiveConfig.Diffusion,
        ObjectiveConfig.Edm,
        ObjectiveConfig.Consistency,
        ObjectiveConfig.Shortcut,
        ObjectiveConfig.MomentMatching {

  /** Images that share their times; units of work are cut at multiples of it. */
  default int groupSize() {
    return 1;
  }

  /** Probability that an image's label is withheld. */
  double labelDropout();

  /** Whether the network is told a second time besides that of the state. */
  default boolean secondTime() {
    return false;
  }

  /** The EMA track whose weights make the targets, or {@link EmaTrackConfig#LIVE}. */
  default String targetTrack() {
    return EmaTrackConfig.LIVE;
  }

  /** Whether targets are made by other weights than those that are trained. */
  default boolean slowerTarget() {
    return !targetTrack().equals(EmaTrackConfig.LIVE);
  }

  /** Whether its model can be drawn from in this way. */
  boolean allows(SamplerKind sampler);

  /** Which labels the target branch sees: all of them, or those that the trained branch kept. */
  enum TargetLabelDropout {
    NONE,
    SHARED
  }

  /** A measure of noise: eta = sigma / alpha, log-SNR, 1 / eta, or the time itself. */
  enum Mapping {
    ETA,
    LOG_SNR,
    INVERSE_ETA,
    TIME
  }

  /** What compares two particles. */
  enum Kernel {
    LAPLACE,
    RBF,
    ENERGY,
    PSEUDO_HUBER
  }

  /** Where the steps of a group end: anywhere below t, or at the smallest time always. */
  enum TargetTime {
    UNIFORM,
    SMALLEST
  }

  /**
   * Inductive moment matching (Zhou, Ermon, Song, "Inductive moment matching", 2025).
   *
   * @param groupSize M, the particles of a group
   * @param kernel what compares two particles
   * @param huberScale constant of the pseudo-Huber kernel over the root of a particle's dimensions
   * @param targetTime how s is drawn
   * @param mapping measure of noise in which r lies below t
   * @param mappingExponent k: r lies 2^-k of that measure's range below t
   * @param weightExponent a in w(s,t), the power of alpha
   * @param weightBias b in w(s,t), the shift of the sigmoid over log-SNR
   * @param minGap smallest t - r
   */
  record Imm(
      int groupSize,
      Kernel kernel,
      double huberScale,
      TargetTime targetTime,
      boolean stratifiedTimes,
      Mapping mapping,
      int mappingExponent,
      double weightExponent,
      double weightBias,
      double minGap,
      double labelDropout,
      TargetLabelDropout targetLabelDropout)
      implements ObjectiveConfig {
    public Imm {
      Check.atLeast("group-size", groupSize, 1);
      Check.positive("huber-scale", huberScale);
      Check.between("mapping-exponent", mappingExponent, 1, 30);
      Check.notNegative("weight-exponent", weightExponent);
      Check.finite("weight-bias", weightBias);
      Check.fractionBelowOne("min-gap", minGap);
      Check.fraction("label-dropout", labelDropout);
    }

    @Override
    public boolean secondTime() {
      return true;
    }

    @Override
    public boolean allows(SamplerKind sampler) {
      return sampler == SamplerKind.PUSHFORWARD || sampler == SamplerKind.RESTART;
    }
  }

  /** How a time is drawn from the trained range: evenly, or as the sigmoid of a normal. */
  enum TimeLaw {
    UNIFORM,
    LOGIT_NORMAL
  }

  /**
   * Flow matching, rectified flow (Lipman et al. 2023; Liu, Gong, Liu 2023): the velocity of the
   * path from noise to data.
   *
   * @param timeMean of the normal whose sigmoid is the time's place in its range
   * @param timeStd of that normal
   */
  record FlowMatching(TimeLaw timeLaw, double timeMean, double timeStd, double labelDropout)
      implements ObjectiveConfig {
    public FlowMatching {
      Check.finite("time-mean", timeMean);
      Check.positive("time-std", timeStd);
      Check.fraction("label-dropout", labelDropout);
    }

    @Override
    public boolean allows(SamplerKind sampler) {
      return sampler.needsDenoiser();
    }
  }

  /** What a squared error is taken of: the network's own output, the noise, the data, or v. */
  enum ErrorOf {
    PREDICTION,
    EPSILON,
    X,
    V
  }

  /**
   * Denoising diffusion at times drawn evenly (Ho, Jain, Abbeel 2020; Salimans, Ho 2022).
   *
   * @param errorOf what the squared error is taken of
   */
  record Diffusion(ErrorOf errorOf, double labelDropout) implements ObjectiveConfig {
    public Diffusion {
      Check.fraction("label-dropout", labelDropout);
    }

    @Override
    public boolean allows(SamplerKind sampler) {
      return sampler.needsDenoiser();
    }
  }

  /**
   * EDM's denoising (Karras et al. 2022): noise drawn log-normally, error weighted by 1 / c_out^2.
   *
   * @param noiseMean of the logarithm of the noise's standard deviation
   * @param noiseStd of that logarithm
   */
  record Edm(double noiseMean, double noiseStd, double labelDropout) implements ObjectiveConfig {
    public Edm {
      Check.finite("noise-mean", noiseMean);
      Check.positive("noise-std", noiseStd);
      Check.fraction("label-dropout", labelDropout);
    }

    @Override
    public boolean allows(SamplerKind sampler) {
      return sampler.needsDenoiser();
    }
  }

  /** The published recipes of consistency training. */
  enum ConsistencyVariant {
    CT,
    ICT,
    ECT
  }

  /** Distance of two images: what the variant's paper says, or one of these. */
  enum ConsistencyMetric {
    PAPER,
    SQUARED_L2,
    L2,
    PSEUDO_HUBER
  }

  /** Weight of a pair of times: what the variant's paper says, 1, or 1 over their distance. */
  enum ConsistencyWeight {
    PAPER,
    UNIFORM,
    INVERSE_GAP
  }

  /**
   * Consistency training: CT (Song et al. 2023), iCT (Song, Dhariwal 2023), ECT (Geng et al. 2024).
   *
   * @param huberScale constant of the pseudo-Huber metric over the root of an image's dimensions
   * @param gridMin intervals of the noise grid at the run's beginning (ct, ict); absent for the
   *     paper's
   * @param gridMax intervals at its end; absent for the paper's
   * @param noiseMean of the logarithm of the noise's standard deviation (ict, ect)
   * @param noiseStd of that logarithm
   * @param stages parts of the run, each with smaller gaps than the one before (ect)
   * @param gapBase q: the factor between two stages' relative gaps (ect)
   * @param gapScale k (ect)
   * @param gapSteepness b (ect)
   * @param targetTrack whose weights make the targets
   */
  record Consistency(
      ConsistencyVariant variant,
      ConsistencyMetric metric,
      ConsistencyWeight weight,
      double huberScale,
      OptionalInt gridMin,
      OptionalInt gridMax,
      double noiseMean,
      double noiseStd,
      int stages,
      double gapBase,
      double gapScale,
      double gapSteepness,
      String targetTrack,
      double labelDropout)
      implements ObjectiveConfig {
    private static final int MOST_INTERVALS = 1_000_000;

    public Consistency {
      Check.positive("huber-scale", huberScale);
      gridMin.ifPresent(n -> Check.between("grid-min", n, 1, MOST_INTERVALS));
      gridMax.ifPresent(n -> Check.between("grid-max", n, 1, MOST_INTERVALS));
      Check.finite("noise-mean", noiseMean);
      Check.positive("noise-std", noiseStd);
      Check.between("stages", stages, 1, 1000);
      Check.finite("gap-base", gapBase);
      if (gapBase <= 1) {
        throw new InvalidSetting("gap-base", "must be above 1, but is " + gapBase);
      }
      Check.notNegative("gap-scale", gapScale);
      Check.notNegative("gap-steepness", gapSteepness);
      Check.notBlank("target-track", targetTrack);
      Check.fraction("label-dropout", labelDropout);
      if (gridMinOrPaper(variant, gridMin) > gridMaxOrPaper(variant, gridMax)) {
        throw new InvalidSetting(
            "grid-min",
            "must not be above grid-max = %d, but is %d"
                .formatted(gridMaxOrPaper(variant, gridMax), gridMinOrPaper(variant, gridMin)));
      }
    }

    /** s0. */
    public int firstIntervals() {
      return gridMinOrPaper(variant, gridMin);
    }

    /** s1. */
    public int lastIntervals() {
      return gridMaxOrPaper(variant, gridMax);
    }

    private static int gridMinOrPaper(ConsistencyVariant variant, OptionalInt given) {
      return given.orElse(variant == ConsistencyVariant.CT ? 2 : 10);
    }

    private static int gridMaxOrPaper(ConsistencyVariant variant, OptionalInt given) {
      return given.orElse(variant == ConsistencyVariant.CT ? 150 : 1280);
    }

    @Override
    public boolean allows(SamplerKind sampler) {
      return sampler == SamplerKind.RESTART;
    }
  }

  /**
   * Shortcut models (Frans, Hafner, Levine, Abbeel 2024).
   *
   * @param smallestSteps steps of the smallest size in the whole range, a power of two
   * @param bootstrapShare share of the images that learn a step from two of half its size
   * @param targetClip bound of the states and velocities of targets; 0 for none
   * @param targetTrack whose weights make the targets
   */
  record Shortcut(
      int smallestSteps,
      double bootstrapShare,
      double targetClip,
      String targetTrack,
      double labelDropout)
      implements ObjectiveConfig {
    public Shortcut {
      Check.between("smallest-steps", smallestSteps, 2, 1 << 20);
      if (Integer.bitCount(smallestSteps) != 1) {
        throw new InvalidSetting(
            "smallest-steps", "must be a power of two, but is " + smallestSteps);
      }
      Check.fraction("bootstrap-share", bootstrapShare);
      Check.notNegative("target-clip", targetClip);
      Check.notBlank("target-track", targetTrack);
      Check.fraction("label-dropout", labelDropout);
    }

    @Override
    public boolean secondTime() {
      return true;
    }

    @Override
    public boolean allows(SamplerKind sampler) {
      return sampler == SamplerKind.SHORTCUT || sampler == SamplerKind.PUSHFORWARD;
    }
  }

  /** Whether an auxiliary denoiser is trained in turn with the student, or none is needed. */
  enum MomentForm {
    ALTERNATING,
    INSTANT
  }

  /** Factor on the errors at a time: EDM's, 1, or one made of the signal-to-noise ratio. */
  enum MomentWeight {
    EDM,
    FLAT,
    SNR,
    SNR_PLUS_ONE,
    TRUNCATED_SNR
  }

  /** From a state and an image to an earlier state: by the posterior, or without fresh noise. */
  enum Bridge {
    POSTERIOR,
    DDIM
  }

  /** What a step of the teacher's parameters is scaled by. */
  enum Preconditioner {
    ADAM,
    IDENTITY
  }

  /**
   * Moment matching distillation (Salimans, Mensink, Heek, Hoogeboom 2024) of a denoiser.
   *
   * @param steps k: the steps in which the student is to be sampled
   * @param teacher weights of the denoiser, which the student begins with
   * @param teacherGuidance weight of classifier-free guidance on the teacher; 1 for none
   * @param timeMean of the normal whose sigmoid is the time's place in its range
   * @param timeStd of that normal
   * @param preconditioner of the instant form
   * @param statisticsImages images that it is measured on
   */
  record MomentMatching(
      MomentForm form,
      int steps,
      String teacher,
      double teacherGuidance,
      TimeLaw timeLaw,
      double timeMean,
      double timeStd,
      MomentWeight weight,
      Bridge bridge,
      Preconditioner preconditioner,
      int statisticsImages)
      implements ObjectiveConfig {
    private static final int MOST_STEPS = 16;

    public MomentMatching {
      Check.between("steps", steps, 1, MOST_STEPS);
      Check.notBlank("teacher", teacher);
      Check.notNegative("teacher-guidance", teacherGuidance);
      Check.finite("time-mean", timeMean);
      Check.positive("time-std", timeStd);
      Check.between("statistics-images", statisticsImages, 1, 1 << 24);
      if (form == MomentForm.INSTANT && teacherGuidance != 1) {
        throw new InvalidSetting(
            "teacher-guidance",
            "must be 1 with form = instant, whose teacher learns one step without guidance, but is "
                + teacherGuidance);
      }
    }

    /** The student sees every label, as it is drawn from without guidance. */
    @Override
    public double labelDropout() {
      return 0;
    }

    @Override
    public boolean allows(SamplerKind sampler) {
      return sampler == SamplerKind.ANCESTRAL;
    }
  }
}
