package org.fewstep.actors;

import java.util.List;
import java.util.Set;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.EvaluationMetric;
import org.fewstep.config.SamplerKind;
import org.fewstep.protocol.EvaluationSchedule;

/** Evaluation schedules for tests. */
public final class Schedules {
  private Schedules() {}

  /** The first schedule of a run. */
  public static EvaluationSchedule of(EvaluationEntry... entries) {
    return new EvaluationSchedule(1, false, List.of(entries));
  }

  /** An entry with grids alone, at points, each so many images and at the end. */
  public static EvaluationEntry entry(
      String name, List<Long> atImages, long everyImages, List<Integer> steps, String... tracks) {
    return entry(
        name, atImages, everyImages, 0, true, List.of(SamplerKind.PUSHFORWARD), steps, tracks);
  }

  /** An entry that falls due each so many minutes, and never else. */
  public static EvaluationEntry everyMinutes(String name, double minutes) {
    return entry(
        name, List.of(), 0, minutes, false, List.of(SamplerKind.PUSHFORWARD), List.of(1), "ema");
  }

  /** Of a run whose network everything can be drawn from by. */
  public static final Set<SamplerKind> ANY_SAMPLER = Set.of(SamplerKind.values());

  /** An entry with several samplers that falls due when it is asked for. */
  public static EvaluationEntry onDemand(
      String name, List<SamplerKind> samplers, List<Integer> steps, String... tracks) {
    return entry(name, List.of(), 0, 0, false, samplers, steps, tracks);
  }

  private static EvaluationEntry entry(
      String name,
      List<Long> atImages,
      long everyImages,
      double everyMinutes,
      boolean atEnd,
      List<SamplerKind> samplers,
      List<Integer> steps,
      String... tracks) {
    return new EvaluationEntry(
        name,
        everyImages,
        everyMinutes,
        atImages,
        atEnd,
        samplers,
        steps,
        List.of(tracks),
        8,
        8,
        List.of(EvaluationMetric.GRID),
        1,
        0);
  }
}
