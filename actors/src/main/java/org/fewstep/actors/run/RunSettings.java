package org.fewstep.actors.run;

import java.time.Duration;
import java.util.Optional;
import org.fewstep.actors.coordinator.EvaluationLimits;
import org.fewstep.actors.coordinator.RunIdentity;
import org.fewstep.actors.coordinator.RunPlan;
import org.fewstep.actors.coordinator.StalenessWeight;
import org.fewstep.actors.coordinator.UpdateRule;
import org.fewstep.config.ExchangeConfig;
import org.fewstep.config.ManagementConfig;
import org.fewstep.config.RunConfig;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.TensorCodec;

/**
 * What the actors of a run need to know of its settings.
 *
 * @param trainers trainers to start
 * @param schedule the first evaluation schedule
 * @param limits what the run can evaluate
 * @param management where to open the management port; nowhere when empty
 * @param readyUnits units that the loader holds read and ready
 * @param leaseTimeout after which a unit that was not pushed is given to somebody else
 * @param trainerRestarts how often each trainer is started again after a failure
 * @param restartBackoff wait before the first of these restarts; each further wait is twice as long
 * @param codec how parameters and gradients travel
 */
public record RunSettings(
    RunPlan plan,
    RunIdentity identity,
    int trainers,
    EvaluationSchedule schedule,
    EvaluationLimits limits,
    Optional<ManagementConfig.Endpoint> management,
    int readyUnits,
    Duration leaseTimeout,
    int trainerRestarts,
    Duration restartBackoff,
    TensorCodec codec) {
  static final int READY_UNITS = 4;
  private static final Duration LEASE_TIMEOUT = Duration.ofMinutes(15);
  private static final int TRAINER_RESTARTS = 3;
  private static final Duration RESTART_BACKOFF = Duration.ofSeconds(1);

  /** The usual patience; every bit travels. */
  public RunSettings(
      RunPlan plan,
      RunIdentity identity,
      int trainers,
      EvaluationSchedule schedule,
      EvaluationLimits limits) {
    this(
        plan,
        identity,
        trainers,
        schedule,
        limits,
        Optional.empty(),
        READY_UNITS,
        LEASE_TIMEOUT,
        TRAINER_RESTARTS,
        RESTART_BACKOFF,
        TensorCodec.FLOAT32);
  }

  /** As a user's settings say. */
  public static RunSettings of(RunConfig config, RunIdentity identity) {
    return new RunSettings(
            new RunPlan(
                config.batch(),
                config.exchange().unitImages(),
                config.images(),
                config.checkpoint().everyImages(),
                config.checkpoint().keepBest() > 0,
                config.log().tickImages(),
                rule(config.exchange())),
            identity,
            config.trainers(),
            firstSchedule(config),
            EvaluationLimits.of(config))
        .withCodec(
            switch (config.exchange().codec()) {
              case FLOAT32 -> TensorCodec.FLOAT32;
              case BFLOAT16 -> TensorCodec.BFLOAT16;
            })
        .withManagement(config.management().endpoint());
  }

  /** The same settings with the management port somewhere else. */
  public RunSettings withManagement(Optional<ManagementConfig.Endpoint> at) {
    return new RunSettings(
        plan,
        identity,
        trainers,
        schedule,
        limits,
        at,
        readyUnits,
        leaseTimeout,
        trainerRestarts,
        restartBackoff,
        codec);
  }

  /** The schedule that a run's settings are. */
  public static EvaluationSchedule firstSchedule(RunConfig config) {
    return new EvaluationSchedule(1, false, config.evaluation().entries());
  }

  /** The same settings with another first schedule. */
  public RunSettings withSchedule(EvaluationSchedule other) {
    return new RunSettings(
        plan,
        identity,
        trainers,
        other,
        limits,
        management,
        readyUnits,
        leaseTimeout,
        trainerRestarts,
        restartBackoff,
        codec);
  }

  /** The same settings with another codec. */
  public RunSettings withCodec(TensorCodec other) {
    return new RunSettings(
        plan,
        identity,
        trainers,
        schedule,
        limits,
        management,
        readyUnits,
        leaseTimeout,
        trainerRestarts,
        restartBackoff,
        other);
  }

  private static UpdateRule rule(ExchangeConfig exchange) {
    if (exchange instanceof ExchangeConfig.BoundedStaleness bounded) {
      return new UpdateRule.BoundedStaleness(
          bounded.stalenessMax(), weight(bounded.stalenessWeighting(), bounded.stalenessDecay()));
    }
    if (exchange instanceof ExchangeConfig.LocalSteps local) {
      return new UpdateRule.LocalSteps(
          local.localSteps(),
          local.quorum(),
          local.stalenessMax(),
          weight(local.stalenessWeighting(), local.stalenessDecay()));
    }
    return new UpdateRule.Synchronous(((ExchangeConfig.Synchronous) exchange).delay());
  }

  private static StalenessWeight weight(ExchangeConfig.StalenessWeighting weighting, double decay) {
    return switch (weighting) {
      case NONE -> new StalenessWeight.None();
      case INVERSE -> new StalenessWeight.Inverse();
      case EXPONENTIAL -> new StalenessWeight.Exponential(decay);
    };
  }

  /** The same settings with another number of trainers, which may be 0 where others can join. */
  public RunSettings withTrainers(int number) {
    return new RunSettings(
        plan,
        identity,
        number,
        schedule,
        limits,
        management,
        readyUnits,
        leaseTimeout,
        trainerRestarts,
        restartBackoff,
        codec);
  }

  /** The same settings with another patience towards trainers that fail. */
  public RunSettings withRestarts(int restarts, Duration backoff) {
    return new RunSettings(
        plan,
        identity,
        trainers,
        schedule,
        limits,
        management,
        readyUnits,
        leaseTimeout,
        restarts,
        backoff,
        codec);
  }
}
