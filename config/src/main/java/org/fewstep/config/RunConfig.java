package org.fewstep.config;

import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * All settings of one training run. A value of this type is valid: each group on its own, and the
 * groups together.
 *
 * @param batch images per update over all trainers
 * @param microBatch images that a trainer computes at once, if not a whole unit
 * @param images length of the run
 * @param trainers trainers to start
 * @param threads threads of each trainer's computations; 0 for what OMP_NUM_THREADS says, or one
 *     for each core
 * @param initFrom weights that the parameters and their averages begin with; {@value #FRESH} to
 *     draw them
 * @param seed of all randomness of the training
 * @param pekko handed to Pekko as it is
 */
public record RunConfig(
    DataConfig data,
    NetworkConfig network,
    ScheduleConfig schedule,
    ParameterisationConfig parameterisation,
    ObjectiveConfig objective,
    OptimizerConfig optimizer,
    EmaConfig ema,
    int batch,
    OptionalInt microBatch,
    long images,
    int trainers,
    int threads,
    ExchangeConfig exchange,
    LatentConfig latent,
    EvaluationConfig evaluation,
    CheckpointConfig checkpoint,
    ManagementConfig management,
    LogConfig log,
    String initFrom,
    long seed,
    Config pekko) {
  /** {@link #initFrom} of a run that draws its first parameters. */
  public static final String FRESH = "none";

  public RunConfig {
    Check.notBlank("init-from", initFrom);
    Check.atLeast("batch", batch, 1);
    Check.between("trainers", trainers, 1, 64);
    Check.between("threads", threads, 0, 1024);
    if (images < batch) {
      throw new InvalidSetting(
          "images", "must be at least one batch of " + batch + ", but is " + images);
    }
    checkUnits(batch, images, exchange, objective);
    microBatch.ifPresent(passImages -> checkMicroBatch(passImages, objective.groupSize()));
    checkMathematics(schedule, parameterisation, objective);
    checkLabels(data, objective, evaluation);
    checkSampler(objective, evaluation.sampler());
    checkNoiseIsFinite(schedule, evaluation);
    if (objective instanceof ObjectiveConfig.MomentMatching distillation) {
      checkDistillation(distillation, schedule, exchange);
      if (distillation.form() == ObjectiveConfig.MomentForm.INSTANT
          && microBatch.isPresent()
          && microBatch.getAsInt() % 2 != 0) {
        throw new InvalidSetting(
            "micro-batch",
            "must be even with objective.form = instant, because each pass is two minibatches, but"
                + " is "
                + microBatch.getAsInt());
      }
    }
    if (evaluation.sampler() == SamplerKind.SHORTCUT) {
      for (int steps : evaluation.steps()) {
        if (Integer.bitCount(steps) != 1) {
          throw new InvalidSetting(
              "evaluation.steps",
              "must list powers of two with evaluation.sampler = shortcut, but lists " + steps);
        }
      }
    }
    if (optimizer.warmupImages() > images - optimizer.decayImages()) {
      throw new InvalidSetting(
          "optimizer.warmup-images",
          "and optimizer.decay-images must fit into the run's "
              + images
              + " images together, but are "
              + optimizer.warmupImages()
              + " and "
              + optimizer.decayImages());
    }
    for (long point : evaluation.atImages()) {
      if (point > images) {
        throw new InvalidSetting(
            "evaluation.at-images",
            "must lie within the run's " + images + " images, but lists " + point);
      }
    }
    checkBest(checkpoint, evaluation);
    checkTrack("evaluation.track", evaluation.track(), ema);
    checkTrack("objective.target-track", objective.targetTrack(), ema);
    if (objective.slowerTarget()) {
      checkPublished(objective.targetTrack(), exchange);
    }
  }

  private static void checkTrack(String key, String track, EmaConfig ema) {
    if (!track.equals(EmaTrackConfig.LIVE) && !ema.names().contains(track)) {
      throw new InvalidSetting(
          key,
          "must name one of ema.tracks ("
              + String.join(", ", ema.names())
              + ") or be live, but is \""
              + track
              + "\"");
    }
  }

  /** Trainers get a track's average with the parameters of the newest version alone. */
  private static void checkPublished(String track, ExchangeConfig exchange) {
    if (exchange instanceof ExchangeConfig.LocalSteps) {
      throw new InvalidSetting(
          "exchange.rule",
          "must not be local-steps with objective.target-track = %s, an average that a trainer's own steps do not move"
              .formatted(track));
    }
    if (exchange instanceof ExchangeConfig.Synchronous synchronous && synchronous.delay() != 0) {
      throw new InvalidSetting(
          "exchange.delay",
          "must be 0 with objective.target-track = %s, an average that is not kept of earlier versions, but is %d"
              .formatted(track, synchronous.delay()));
    }
  }

  private static void checkBest(CheckpointConfig checkpoint, EvaluationConfig evaluation) {
    if (checkpoint.keepBest() > 0 && !evaluation.scored()) {
      throw new InvalidSetting(
          "checkpoint.keep-best", "must be 0 unless evaluation.features asks for scores");
    }
    ScoreMetric metric = checkpoint.bestScore().metric();
    if (checkpoint.keepBest() > 0 && !evaluation.metrics().contains(metric)) {
      throw new InvalidSetting(
          "checkpoint.best-score",
          "must be one that evaluation.metrics = %s measures, but is %s, which %s measures"
              .formatted(
                  evaluation.metrics().stream().map(Choices::nameOf).toList(),
                  Choices.nameOf(checkpoint.bestScore()),
                  Choices.nameOf(metric)));
    }
    checkpoint
        .bestSteps()
        .ifPresent(
            steps -> {
              if (!evaluation.steps().contains(steps)) {
                throw new InvalidSetting(
                    "checkpoint.best-steps",
                    "must be one of evaluation.steps = "
                        + evaluation.steps()
                        + ", but is "
                        + steps);
              }
            });
  }

  /** Number of sampling steps whose score decides which checkpoint is best. */
  public int bestSteps() {
    return checkpoint.bestSteps().orElse(evaluation.steps().get(evaluation.steps().size() - 1));
  }

  private static void checkUnits(
      int batch, long images, ExchangeConfig exchange, ObjectiveConfig objective) {
    if (exchange.unitImages() % objective.groupSize() != 0) {
      throw new InvalidSetting(
          "exchange.unit-images",
          "must be a multiple of objective.group-size = "
              + objective.groupSize()
              + ", but is "
              + exchange.unitImages());
    }
    if (exchange instanceof ExchangeConfig.LocalSteps local
        && (long) local.localSteps() * batch > images) {
      throw new InvalidSetting(
          "exchange.local-steps",
          "must not make a round longer than the run's %d images, but %d steps of %d images do"
              .formatted(images, local.localSteps(), batch));
    }
    if (batch % exchange.unitImages() != 0) {
      throw new InvalidSetting(
          "batch",
          "must be a multiple of exchange.unit-images = "
              + exchange.unitImages()
              + ", but is "
              + batch);
    }
  }

  private static void checkMicroBatch(int images, int groupSize) {
    if (images < 1 || images % groupSize != 0) {
      throw new InvalidSetting(
          "micro-batch",
          "must be a multiple of objective.group-size = %d, because a group is computed as a whole, but is %d"
              .formatted(groupSize, images));
    }
  }

  private static void checkMathematics(
      ScheduleConfig schedule, ParameterisationConfig parameterisation, ObjectiveConfig objective) {
    if (parameterisation.kind() == ParameterisationConfig.Kind.EULER_FM
        && schedule.kind() != ScheduleConfig.Kind.FLOW) {
      throw new InvalidSetting(
          "parameterisation.kind",
          "must not be euler-fm unless schedule.kind = flow, because Euler's steps are exact on"
              + " straight paths only");
    }
    if (parameterisation.kind() == ParameterisationConfig.Kind.IDENTITY && schedule.tMin() == 0) {
      throw new InvalidSetting(
          "schedule.t-min",
          "must be above 0 with parameterisation.kind = identity, which divides 0 by 0 at time 0");
    }
    if (parameterisation.kind() == ParameterisationConfig.Kind.EPSILON
        && schedule.endsInNoiseAlone()) {
      throw new InvalidSetting(
          "schedule.t-max",
          "must be below 1 with parameterisation.kind = epsilon, because noise alone does not tell"
              + " the image");
    }
    if (parameterisation.timeInput() == ParameterisationConfig.TimeInput.LOG_NOISE
        && (schedule.tMin() == 0 || schedule.endsInNoiseAlone())) {
      throw new InvalidSetting(
          "schedule." + (schedule.tMin() == 0 ? "t-min" : "t-max"),
          "must be inside (0, 1) with parameterisation.time-input = log-noise, infinite at its"
              + " ends");
    }
    if ((objective instanceof ObjectiveConfig.Edm
            || objective instanceof ObjectiveConfig.Consistency)
        && schedule.endsInNoiseAlone()) {
      throw new InvalidSetting(
          "schedule.t-max",
          "must be below 1 with objective.kind = edm or consistency, whose noise is infinite at"
              + " time 1");
    }
    if (objective instanceof ObjectiveConfig.Imm imm) {
      boolean stepsInNoise =
          imm.mapping() == ObjectiveConfig.Mapping.ETA
              || imm.mapping() == ObjectiveConfig.Mapping.LOG_SNR;
      if (stepsInNoise && schedule.endsInNoiseAlone()) {
        throw new InvalidSetting(
            "schedule.t-max",
            "must be below 1 with objective.kind = imm, whose mapping steps in sigma / alpha,"
                + " infinite at time 1");
      }
      if (schedule.tMin() == 0
          && (imm.mapping() == ObjectiveConfig.Mapping.LOG_SNR
              || imm.mapping() == ObjectiveConfig.Mapping.INVERSE_ETA)) {
        throw new InvalidSetting(
            "schedule.t-min",
            "must be above 0 with objective.mapping = log-snr or inverse-eta, infinite at time 0");
      }
      if (imm.minGap() >= schedule.tMax() - schedule.tMin()) {
        throw new InvalidSetting(
            "objective.min-gap",
            "must be smaller than schedule.t-max - schedule.t-min, but is " + imm.minGap());
      }
    }
  }

  private static void checkDistillation(
      ObjectiveConfig.MomentMatching objective, ScheduleConfig schedule, ExchangeConfig exchange) {
    if (objective.weight() != ObjectiveConfig.MomentWeight.FLAT && schedule.tMin() == 0) {
      throw new InvalidSetting(
          "schedule.t-min",
          "must be above 0 with objective.kind = moment-matching, whose weight is infinite at time"
              + " 0 unless objective.weight = flat");
    }
    if (objective.form() == ObjectiveConfig.MomentForm.INSTANT) {
      if (exchange.unitImages() % 2 != 0) {
        throw new InvalidSetting(
            "exchange.unit-images",
            "must be even with objective.form = instant, because each unit is two minibatches, but"
                + " is "
                + exchange.unitImages());
      }
      return;
    }
    if (!(exchange instanceof ExchangeConfig.Synchronous synchronous)) {
      throw new InvalidSetting(
          "exchange.rule",
          "must be synchronous with objective.form = alternating, where updates of the student and"
              + " of the auxiliary denoiser take turns");
    }
    if (synchronous.delay() != 0) {
      throw new InvalidSetting(
          "exchange.delay",
          "must be 0 with objective.form = alternating, where each update builds on the one before,"
              + " but is "
              + synchronous.delay());
    }
  }

  /** Whether the network learns what a sampler needs, and the sampler can begin at t-max. */
  public boolean allows(SamplerKind sampler) {
    return objective.allows(sampler)
        && !(sampler == SamplerKind.HEUN && schedule.endsInNoiseAlone());
  }

  private static void checkNoiseIsFinite(ScheduleConfig schedule, EvaluationConfig evaluation) {
    if (schedule.endsInNoiseAlone() && evaluation.sampler() == SamplerKind.HEUN) {
      throw new InvalidSetting(
          "evaluation.sampler",
          "must not be heun with schedule.t-max = 1, where sigma / alpha, its variable, is"
              + " infinite");
    }
    if (schedule.endsInNoiseAlone() && evaluation.timeGrid() == TimeGrid.EDM) {
      throw new InvalidSetting(
          "evaluation.time-grid",
          "must not be edm with schedule.t-max = 1, where sigma / alpha, in which its steps are"
              + " equal, is infinite");
    }
  }

  private static void checkSampler(ObjectiveConfig objective, SamplerKind sampler) {
    if (!objective.allows(sampler)) {
      throw new InvalidSetting(
          "evaluation.sampler",
          "must be one of %s with objective.kind = %s, whose network learns nothing else, but is %s"
              .formatted(
                  Arrays.stream(SamplerKind.values())
                      .filter(objective::allows)
                      .map(Choices::nameOf)
                      .collect(Collectors.joining(", ")),
                  Keys.kindOf(objective.getClass()),
                  Choices.nameOf(sampler)));
    }
  }

  private static void checkLabels(
      DataConfig data, ObjectiveConfig objective, EvaluationConfig evaluation) {
    if (objective.labelDropout() > 0 && !data.labels()) {
      throw new InvalidSetting(
          "objective.label-dropout",
          "has no labels to drop: set data.labels = true, or leave it 0");
    }
    checkGuidance("evaluation.guidance", evaluation.guidance(), objective);
    for (double further : evaluation.furtherGuidance()) {
      checkGuidance("evaluation.further-guidance", further, objective);
    }
  }

  private static void checkGuidance(String key, double guidance, ObjectiveConfig objective) {
    if (guidance != 1 && objective instanceof ObjectiveConfig.MomentMatching) {
      throw new InvalidSetting(
          key,
          "must be 1 with objective.kind = moment-matching, whose student is sampled without"
              + " guidance (objective.teacher-guidance is the teacher's)");
    }
    if (guidance != 1 && objective.labelDropout() == 0) {
      throw new InvalidSetting(
          key,
          "must be 1 unless data.labels = true and objective.label-dropout is above 0, because only"
              + " then the network learns to draw without a label");
    }
  }
}
