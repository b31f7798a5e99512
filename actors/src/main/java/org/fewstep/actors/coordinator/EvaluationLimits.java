package org.fewstep.actors.coordinator;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.fewstep.config.Choices;
import org.fewstep.config.EmaTrackConfig;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.RunConfig;
import org.fewstep.config.SamplerKind;
import org.fewstep.protocol.EvaluationSchedule;

/**
 * What a run can evaluate.
 *
 * @param tracks names of its EMA tracks
 * @param scored whether it has features and real images to compare with
 * @param guided whether its network learns to draw without a label
 * @param samplers that its network can be drawn from by
 */
public record EvaluationLimits(
    List<String> tracks, boolean scored, boolean guided, Set<SamplerKind> samplers) {
  public EvaluationLimits {
    tracks = List.copyOf(tracks);
    samplers = Set.copyOf(samplers);
  }

  /** What a run with these settings can do. */
  public static EvaluationLimits of(RunConfig config) {
    return new EvaluationLimits(
        config.ema().names(),
        config.evaluation().scored(),
        config.objective().labelDropout() > 0,
        Arrays.stream(SamplerKind.values()).filter(config::allows).collect(Collectors.toSet()));
  }

  /** Why the run cannot do what a schedule asks for: a sentence that names entry and key. */
  public Optional<String> objection(EvaluationSchedule schedule) {
    return schedule.entries().stream().flatMap(entry -> objection(entry).stream()).findFirst();
  }

  private Optional<String> objection(EvaluationEntry entry) {
    for (String track : entry.tracks()) {
      if (!track.equals(EmaTrackConfig.LIVE) && !tracks.contains(track)) {
        return refusal(
            entry,
            "tracks",
            "must name EMA tracks of the run (%s) or be live, but lists %s"
                .formatted(String.join(", ", tracks), track));
      }
    }
    for (SamplerKind sampler : entry.samplers()) {
      if (!samplers.contains(sampler)) {
        return refusal(
            entry,
            "samplers",
            "must list what the run's network learns for (%s), but lists %s"
                .formatted(
                    samplers.stream()
                        .sorted()
                        .map(Choices::nameOf)
                        .collect(Collectors.joining(", ")),
                    Choices.nameOf(sampler)));
      }
    }
    if (entry.samplers().contains(SamplerKind.SHORTCUT)) {
      for (int steps : entry.steps()) {
        if (Integer.bitCount(steps) != 1) {
          return refusal(
              entry, "steps", "must list powers of two for shortcut, but lists " + steps);
        }
      }
    }
    if (entry.scored() && !scored) {
      return refusal(
          entry,
          "metrics",
          "must not list frechet, because the run was started with evaluation.features = none");
    }
    if (entry.guidance() != 1 && !guided) {
      return refusal(
          entry,
          "guidance",
          "must be 1, because the run's network does not learn to draw without a label");
    }
    return Optional.empty();
  }

  private static Optional<String> refusal(EvaluationEntry entry, String key, String problem) {
    return Optional.of("entries[%s].%s %s".formatted(entry.name(), key, problem));
  }
}
