package org.fewstep.model.run;

import java.util.Optional;
import java.util.function.LongFunction;
import org.fewstep.config.ObjectiveConfig;
import org.fewstep.config.ObjectiveConfig.ConsistencyMetric;
import org.fewstep.config.ObjectiveConfig.ConsistencyVariant;
import org.fewstep.config.ObjectiveConfig.ConsistencyWeight;
import org.fewstep.config.RunConfig;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.objective.AlternatingMomentMatching;
import org.fewstep.model.objective.ConsistencyObjective;
import org.fewstep.model.objective.DenoisingObjective;
import org.fewstep.model.objective.DenoisingWeight;
import org.fewstep.model.objective.ImageDistance;
import org.fewstep.model.objective.ImmObjective;
import org.fewstep.model.objective.ImmTimes;
import org.fewstep.model.objective.InstantMomentMatching;
import org.fewstep.model.objective.Kernel;
import org.fewstep.model.objective.Mapping;
import org.fewstep.model.objective.MicroBatches;
import org.fewstep.model.objective.Objective;
import org.fewstep.model.objective.ShortcutObjective;
import org.fewstep.model.objective.StudentStates;
import org.fewstep.model.objective.TargetModel;
import org.fewstep.model.objective.TeacherPreconditioner;
import org.fewstep.model.objective.TimeLaw;
import org.fewstep.model.objective.TimePairs;

/** The one place that knows which objective {@code objective.kind} names. */
public final class Objectives {
  private final RunConfig config;
  private final StepModelSpec spec;
  private final StepModel model;
  private final Optional<Distillation> distillation;

  /**
   * What is distilled.
   *
   * @param units of the run's data set
   */
  public record Distillation(Teacher teacher, LongFunction<Unit> units) {}

  private Objectives(
      RunConfig config, StepModelSpec spec, StepModel model, Optional<Distillation> distillation) {
    this.config = config;
    this.spec = spec;
    this.model = model;
    this.distillation = distillation;
  }

  /** The objective of a run without a teacher on a model; both belong to one thread. */
  public static Objective of(RunConfig config, StepModelSpec spec, StepModel model) {
    return of(config, spec, model, Optional.empty());
  }

  /** The objective of a run on a model; both belong to one thread. */
  public static Objective of(
      RunConfig config, StepModelSpec spec, StepModel model, Optional<Distillation> distillation) {
    Objectives objectives = new Objectives(config, spec, model, distillation);
    return objectives.inPasses(objectives.of(config.objective()));
  }

  private Objective inPasses(Objective objective) {
    return config.microBatch().isEmpty()
        ? objective
        : new MicroBatches(objective, config.microBatch().getAsInt());
  }

  private Objective of(ObjectiveConfig objective) {
    if (objective instanceof ObjectiveConfig.Imm imm) {
      return of(imm);
    }
    if (objective instanceof ObjectiveConfig.FlowMatching flow) {
      return denoising(
          times(flow.timeLaw(), flow.timeMean(), flow.timeStd()), DenoisingWeight.VELOCITY);
    }
    if (objective instanceof ObjectiveConfig.Diffusion diffusion) {
      return denoising(TimeLaw.uniform(spec.tMin(), spec.tMax()), weight(diffusion.errorOf()));
    }
    if (objective instanceof ObjectiveConfig.Edm edm) {
      return denoising(
          TimeLaw.logNormalNoise(
              spec.settings().schedule(),
              spec.settings().sigmaData(),
              spec.tMin(),
              spec.tMax(),
              edm.noiseMean(),
              edm.noiseStd()),
          DenoisingWeight.EDM);
    }
    if (objective instanceof ObjectiveConfig.Consistency consistency) {
      return of(consistency);
    }
    if (objective instanceof ObjectiveConfig.Shortcut shortcut) {
      return new ShortcutObjective(
          model,
          target(shortcut),
          new ShortcutObjective.Settings(
              spec.tMin(),
              spec.tMax(),
              shortcut.smallestSteps(),
              shortcut.bootstrapShare(),
              shortcut.targetClip(),
              shortcut.labelDropout(),
              config.seed()));
    }
    if (objective instanceof ObjectiveConfig.MomentMatching moments) {
      return of(
          moments,
          distillation.orElseThrow(() -> new IllegalStateException("there is no teacher")));
    }
    throw new IllegalStateException("unknown objective " + objective);
  }

  private Objective of(ObjectiveConfig.MomentMatching moments, Distillation distilled) {
    TimeLaw times = times(moments.timeLaw(), moments.timeMean(), moments.timeStd());
    DenoisingWeight weight = weight(moments.weight());
    StudentStates states =
        new StudentStates(
            model,
            new StudentStates.Settings(
                times,
                spec.tMax(),
                (spec.tMax() - spec.tMin()) / moments.steps(),
                weight,
                moments.bridge() == ObjectiveConfig.Bridge.POSTERIOR,
                config.seed()));
    StepModel teacher = distilled.teacher().model(spec);
    int unitImages = config.exchange().unitImages();
    if (moments.form() == ObjectiveConfig.MomentForm.ALTERNATING) {
      return new AlternatingMomentMatching(
          states,
          spec.create(),
          teacher,
          new AlternatingMomentMatching.Settings(
              moments.teacherGuidance(), config.batch() / unitImages));
    }
    float[] preconditioner =
        moments.preconditioner() == ObjectiveConfig.Preconditioner.IDENTITY
            ? TeacherPreconditioner.identity(teacher.network().parameters())
            : TeacherPreconditioner.adam(
                inPasses(
                    new DenoisingObjective(
                        teacher, new DenoisingObjective.Settings(times, weight, 0, config.seed()))),
                teacher.network().parameters(),
                distilled.units(),
                (moments.statisticsImages() + unitImages - 1) / unitImages);
    return new InstantMomentMatching(
        states, teacher, distilled.teacher().parameters(), preconditioner);
  }

  private static DenoisingWeight weight(ObjectiveConfig.MomentWeight weight) {
    return switch (weight) {
      case EDM -> DenoisingWeight.EDM;
      case FLAT -> DenoisingWeight.FLAT;
      case SNR -> DenoisingWeight.EPSILON;
      case SNR_PLUS_ONE -> DenoisingWeight.SNR_PLUS_ONE;
      case TRUNCATED_SNR -> DenoisingWeight.TRUNCATED_SNR;
    };
  }

  private Objective of(ObjectiveConfig.Imm imm) {
    ImmTimes times =
        new ImmTimes(
            spec.settings().schedule(),
            spec.settings().parameterisation(),
            spec.settings().sigmaData(),
            spec.tMin(),
            spec.tMax(),
            mapping(imm.mapping()),
            imm.mappingExponent(),
            imm.weightExponent(),
            imm.weightBias(),
            imm.minGap(),
            imm.targetTime() == ObjectiveConfig.TargetTime.SMALLEST
                ? ImmTimes.Target.SMALLEST
                : ImmTimes.Target.UNIFORM);
    ImmObjective.TargetLabels targetLabels =
        imm.targetLabelDropout() == ObjectiveConfig.TargetLabelDropout.SHARED
            ? ImmObjective.TargetLabels.DROPPED_ALIKE
            : ImmObjective.TargetLabels.KEPT;
    return new ImmObjective(
        model,
        new ImmObjective.Settings(
            times,
            kernel(imm),
            imm.groupSize(),
            imm.stratifiedTimes(),
            imm.labelDropout(),
            targetLabels,
            config.seed()));
  }

  private static Mapping mapping(ObjectiveConfig.Mapping mapping) {
    return switch (mapping) {
      case ETA -> Mapping.ETA;
      case LOG_SNR -> Mapping.LOG_SNR;
      case INVERSE_ETA -> Mapping.INVERSE_ETA;
      case TIME -> Mapping.TIME;
    };
  }

  private static Kernel kernel(ObjectiveConfig.Imm imm) {
    return switch (imm.kernel()) {
      case LAPLACE -> Kernel.LAPLACE;
      case RBF -> Kernel.RBF;
      case ENERGY -> Kernel.ENERGY;
      case PSEUDO_HUBER -> new Kernel.Minus(new ImageDistance.PseudoHuber(imm.huberScale()));
    };
  }

  private Objective denoising(TimeLaw times, DenoisingWeight weight) {
    return new DenoisingObjective(
        model,
        new DenoisingObjective.Settings(
            times, weight, config.objective().labelDropout(), config.seed()));
  }

  private TimeLaw times(ObjectiveConfig.TimeLaw law, double mean, double deviation) {
    return switch (law) {
      case UNIFORM -> TimeLaw.uniform(spec.tMin(), spec.tMax());
      case LOGIT_NORMAL -> TimeLaw.logitNormal(spec.tMin(), spec.tMax(), mean, deviation);
    };
  }

  private static DenoisingWeight weight(ObjectiveConfig.ErrorOf errorOf) {
    return switch (errorOf) {
      case PREDICTION -> DenoisingWeight.PREDICTION;
      case EPSILON -> DenoisingWeight.EPSILON;
      case X -> DenoisingWeight.X;
      case V -> DenoisingWeight.V;
    };
  }

  private Objective of(ObjectiveConfig.Consistency c) {
    TimePairs.Range range =
        new TimePairs.Range(
            spec.settings().schedule(), spec.settings().sigmaData(), spec.tMin(), spec.tMax());
    TimePairs pairs =
        switch (c.variant()) {
          case CT -> TimePairs.ct(range, c.firstIntervals(), c.lastIntervals());
          case ICT ->
              TimePairs.ict(
                  range, c.firstIntervals(), c.lastIntervals(), c.noiseMean(), c.noiseStd());
          case ECT ->
              TimePairs.ect(
                  range,
                  c.noiseMean(),
                  c.noiseStd(),
                  c.stages(),
                  c.gapBase(),
                  c.gapScale(),
                  c.gapSteepness());
        };
    return new ConsistencyObjective(
        model,
        target(c),
        new ConsistencyObjective.Settings(
            pairs,
            distance(c),
            weight(c, range),
            spec.tMin(),
            c.labelDropout(),
            config.images(),
            config.seed()));
  }

  private TargetModel target(ObjectiveConfig objective) {
    return objective.slowerTarget() ? TargetModel.slower(spec.create()) : TargetModel.live(model);
  }

  private static ImageDistance distance(ObjectiveConfig.Consistency c) {
    ConsistencyMetric metric =
        c.metric() != ConsistencyMetric.PAPER
            ? c.metric()
            : switch (c.variant()) {
              case CT -> ConsistencyMetric.SQUARED_L2;
              case ICT -> ConsistencyMetric.PSEUDO_HUBER;
              case ECT -> ConsistencyMetric.L2;
            };
    return switch (metric) {
      case L2 -> ImageDistance.L2;
      case PSEUDO_HUBER -> new ImageDistance.PseudoHuber(c.huberScale());
      case SQUARED_L2, PAPER -> ImageDistance.SQUARED_L2;
    };
  }

  private static ConsistencyObjective.PairWeight weight(
      ObjectiveConfig.Consistency c, TimePairs.Range range) {
    boolean inverse =
        c.weight() == ConsistencyWeight.PAPER
            ? c.variant() != ConsistencyVariant.CT
            : c.weight() == ConsistencyWeight.INVERSE_GAP;
    return inverse ? range::inverseGap : pair -> 1;
  }
}
