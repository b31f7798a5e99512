package org.fewstep.protocol;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.fewstep.config.EvaluationEntry;

/**
 * When a run is evaluated, and how. It is data: it can be replaced while the run goes on, each time
 * under the next version.
 *
 * @param version counts the schedules of a run from 1
 * @param paused whether nothing falls due
 * @param entries with names of their own; with none nothing is evaluated
 */
public record EvaluationSchedule(long version, boolean paused, List<EvaluationEntry> entries) {

  public EvaluationSchedule {
    entries = List.copyOf(entries);
    Set<String> names = new HashSet<>();
    for (EvaluationEntry entry : entries) {
      if (!names.add(entry.name())) {
        throw new IllegalArgumentException("two entries are called " + entry.name());
      }
    }
  }

  /** The same schedule under another version. */
  public EvaluationSchedule withVersion(long newVersion) {
    return new EvaluationSchedule(newVersion, paused, entries);
  }

  /** The same schedule, paused or not. */
  public EvaluationSchedule withPaused(boolean newPaused) {
    return new EvaluationSchedule(version, newPaused, entries);
  }

  /** The entries that a condition holds for. */
  public EvaluationSchedule only(Predicate<EvaluationEntry> condition) {
    return new EvaluationSchedule(version, paused, entries.stream().filter(condition).toList());
  }

  /** The entries that evaluate a track. */
  public EvaluationSchedule on(String track) {
    return only(entry -> entry.tracks().contains(track));
  }

  /** Every track that an entry evaluates, once, in the order of the entries. */
  public List<String> tracks() {
    return entries.stream().flatMap(entry -> entry.tracks().stream()).distinct().toList();
  }
}
